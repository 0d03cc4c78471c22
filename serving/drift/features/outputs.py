"""Features of answers: a classifier's outcome, a correction, what a vector looks like."""

from collections.abc import Sequence

import numpy as np

from serving.drift.features import Numbers, Table
from serving.drift.features.lens import Axes
from serving.drift.records import Outcome

NORM_DECIMALS = 2
"""Norms of unit vectors differ by rounding alone; more digits would be the capture's."""


def outcome_features(outcomes: Sequence[Outcome]) -> Table:
    """Return `label`, `confidence` (the best probability) and `entropy` (0 sure, 1 clueless)."""
    shares = np.stack([outcome.probabilities for outcome in outcomes])
    most = np.log(max(2, shares.shape[1]))
    entropy = -(shares * np.log(np.maximum(shares, 1e-9))).sum(axis=1) / most
    numbers = {
        "confidence": shares.max(axis=1).astype(np.float32),
        "entropy": entropy.astype(np.float32),
    }
    return Table(numbers, {"label": [outcome.label for outcome in outcomes]})


def correction_features(asked: Sequence[str], answered: Sequence[str]) -> Table:
    """Return `edit_distance`, as a share of the longer text, and whether it is `unchanged`."""
    pairs = list(zip(asked, answered, strict=True))
    distances = [
        edit_distance(left, right) / max(1, len(left), len(right)) for left, right in pairs
    ]
    same = ["yes" if left.strip() == right.strip() else "no" for left, right in pairs]
    return Table({"edit_distance": np.asarray(distances, np.float32)}, {"unchanged": same})


def vector_features(name: str, vectors: Numbers, axes: Axes) -> Table:
    """Return a vector as a whole, its `norm`, its distance from the centre and its main axes."""
    moved = vectors - axes.centroid
    along = moved @ axes.components.T
    numbers = {
        f"{name}_norm": np.linalg.norm(vectors, axis=1).round(NORM_DECIMALS).astype(np.float32),
        f"{name}_centroid_distance": np.linalg.norm(moved, axis=1).astype(np.float32),
    }
    numbers |= {f"{name}_component_{place + 1}": along[:, place] for place in range(along.shape[1])}
    return Table(numbers, {}, {name: vectors})


def edit_distance(left: str, right: str) -> int:
    """Return Levenshtein's distance; a common beginning and end cost nothing."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    row = list(range(len(right) + 1))
    for number, mine in enumerate(left, 1):
        before, row[0] = row[0], number
        for place, theirs in enumerate(right, 1):
            kept = before + (mine != theirs)
            before, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return row[-1]
