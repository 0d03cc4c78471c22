"""Smoke examples: what a served model is asked after a deploy, and what it must answer."""

import base64
from pathlib import Path
from typing import Any

import numpy as np

from catalog.artifact import Example
from catalog.spec import ModelSpec
from model_build.golden import GoldenSet

FROM_GOLDEN = "golden:"
DECIMALS = 6


def smoke_examples(spec: ModelSpec, directory: Path, golden: GoldenSet) -> tuple[Example, ...]:
    """Return the row's examples with the answers of the compiled model.

    Args:
        spec: The model's row; an example `golden:N` means input N of the golden set.
        directory: The compiled model directory.
        golden: The row's golden set.
    """
    from serving.runtime import load  # an engine is imported only by those who compile

    inputs = [_input(example, golden) for example in spec.examples]
    outputs = load(directory).predict(inputs)
    pairs = zip(inputs, outputs, strict=True)
    return tuple(Example(_plain(question), _plain(answer)) for question, answer in pairs)


def _input(example: str | tuple[str, str], golden: GoldenSet) -> Any:
    if isinstance(example, str) and example.startswith(FROM_GOLDEN):
        return golden.inputs[int(example.removeprefix(FROM_GOLDEN))]
    return example


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, np.ndarray):
        return [round(float(number), DECIMALS) for number in value.ravel()]
    return list(value) if isinstance(value, tuple) else value
