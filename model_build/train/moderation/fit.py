"""The training loop of both moderation models."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from model_build.train.calibration import best_temperature

LEARNING_RATE, WEIGHT_DECAY, SMOOTHING = 3e-3, 0.02, 0.05
BATCH = 64

Batch = Callable[[Tensor], tuple[Tensor, ...]]
"""From int64 indices of training items to what `module.logits` takes, freshly augmented."""


def fit(
    module: nn.Module, logits: Callable[..., Tensor], batch: Batch, labels: Tensor, *, epochs: int
) -> None:
    """Trains a classifier in place with AdamW and a one-cycle schedule; ends in eval mode.

    Args:
        module: What is trained.
        logits: Its method that gives logits.
        batch: Makes the inputs of `logits` for some training items.
        labels: Int64 label of each training item.
        epochs: Passes over the items.
    """
    optimizer = torch.optim.AdamW(module.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    module.train()
    for _ in range(epochs):
        for indices in torch.split(torch.randperm(len(labels)), BATCH):
            loss = nn.functional.cross_entropy(
                logits(*batch(indices)), labels[indices], label_smoothing=SMOOTHING
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    module.eval()


def calibrate(logits: Callable[..., Tensor], inputs: Sequence[Tensor], labels: Tensor) -> float:
    """Returns the temperature that fits held-out items best."""
    with torch.inference_mode():
        return best_temperature(logits(*inputs), labels)
