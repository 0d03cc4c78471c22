"""Temperature scaling: one number that makes a classifier's confidence mean what it says."""

import torch
from torch import Tensor

TEMPERATURES = torch.exp(torch.linspace(-2.0, 2.0, 161))


def best_temperature(logits: Tensor, labels: Tensor) -> float:
    """Returns the temperature with the least negative log likelihood on held-out logits.

    Args:
        logits: Float (items, labels), of items that were not trained on.
        labels: Int64 (items,).
    """
    losses = torch.stack(
        [torch.nn.functional.cross_entropy(logits / t, labels) for t in TEMPERATURES]
    )
    return round(float(TEMPERATURES[losses.argmin()]), 4)
