"""How alike two models answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

# The least likeness to the source at which a faster candidate may be chosen, by metric.
FLOORS = {"agreement": 0.985, "cosine_mean": 0.99, "label_agreement": 0.97}


def fidelity(task: str, source: Sequence[Any], compiled: Sequence[Any]) -> tuple[str, float]:
    """Return the metric's name and the likeness, 1.0 for equal answers; NaN and inf give 0.0."""
    if task == "seq2seq":
        same = sum(left == right for left, right in zip(source, compiled, strict=True))
        return "agreement", same / len(source)
    left, right = np.stack(source), np.stack(compiled)
    name = "cosine_mean" if task == "embedding" else "label_agreement"
    if not np.isfinite(right).all():
        return name, 0.0
    if task == "embedding":
        return name, float(cosines(left, right).mean())
    return name, float((left.argmax(axis=1) == right.argmax(axis=1)).mean())


def cosines(left: Any, right: Any) -> Any:
    """Return the cosine of each row of `left` with the same row of `right`."""
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return (left * right).sum(axis=1) / np.maximum(lengths, 1e-12)
