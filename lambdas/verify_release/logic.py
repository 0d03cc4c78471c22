"""Whether a served model answers as its gates saw; pure."""

import json
from collections.abc import Sequence
from typing import Any

from catalog.artifact import Example, Manifest

TOLERANCE = 0.02
"""Numbers of another machine's kernels differ in the last digits; labels do not."""


def objection(manifest: Manifest, example: Example, answer: Any) -> str:
    """Return why an answer is not the one that the gates saw, or an empty string."""
    if _same(example.output, answer):
        return ""
    asked = example.input if manifest.task != "image-classification" else "an image"
    return (
        f"{manifest.model}: asked {_short(asked)}, "
        f"answered {_short(answer)}, expected {_short(example.output)}"
    )


def _same(expected: Any, answer: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(answer, int | float):
        return abs(expected - answer) <= TOLERANCE
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return (
            isinstance(answer, Sequence)
            and len(answer) == len(expected)
            and all(_same(one, other) for one, other in zip(expected, answer, strict=True))
        )
    return bool(expected == answer)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 120 else f"{text[:117]}..."
