"""The digest of a golden set: what a gate's evidence names, so that nobody compares two sets."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from model_build.golden import GoldenSet, Task


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value


def golden_set(
    name: str,
    task: Task,
    inputs: Sequence[Any],
    expected: Sequence[Any],
    *,
    licence: str,
    documents: Sequence[str] = (),
) -> GoldenSet:
    """Returns the set with its digest computed; see `GoldenSet` for the arguments.

    Raises:
        ValueError: If inputs and expected differ in length, or an index misses `documents`.
    """
    if len(inputs) != len(expected) or not inputs:
        raise ValueError(
            f"golden {name}: {len(inputs)} inputs for {len(expected)} expected answers"
        )
    if task == "embedding" and not all(0 <= index < len(documents) for index in expected):
        raise ValueError(f"golden {name}: an expected index lies outside its documents")
    body = {
        "task": task,
        "inputs": [_plain(value) for value in inputs],
        "expected": list(expected),
        "documents": list(documents),
    }
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
    return GoldenSet(name, task, tuple(inputs), tuple(expected), digest, licence, tuple(documents))
