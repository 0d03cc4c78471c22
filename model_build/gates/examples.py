"""Smoke examples: what a deployed model is asked, and the answer it must give."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.artifact import Example
from catalog.spec import ModelSpec
from model_build.golden import GoldenSet
from serving.runtime import load

GOLDEN = "golden:"
DECIMALS = 6


def smoke_examples(spec: ModelSpec, compiled: Path, golden: GoldenSet) -> tuple[Example, ...]:
    """Return the row's examples with the compiled model's answers, each asked alone.

    Dynamic quantisation sees the whole batch: an example's digits depend on its neighbours.

    An example `golden:N` is input N of the golden set; images are written as base64 text.

    Raises:
        ValueError: `golden:N` lies outside the golden set.
    """
    inputs = [_resolve(spec, example, golden.inputs) for example in spec.examples]
    model = load(compiled)
    answers = [model.predict([item])[0] for item in inputs]
    return tuple(
        Example(_shown(item), _plain(answer)) for item, answer in zip(inputs, answers, strict=True)
    )


def _resolve(spec: ModelSpec, example: Any, inputs: Sequence[Any]) -> Any:
    if not (isinstance(example, str) and example.startswith(GOLDEN)):
        return example
    number = example.removeprefix(GOLDEN)
    if not number.isdigit() or int(number) >= len(inputs):
        raise ValueError(
            f"{spec.name}: examples: {example!r}: {spec.gates.golden} has inputs 0 to"
            f" {len(inputs) - 1}: name one of them"
        )
    return inputs[int(number)]


def _shown(item: Any) -> Any:
    if isinstance(item, bytes):
        return base64.b64encode(item).decode()
    return list(item) if isinstance(item, tuple) else item


def _plain(answer: Any) -> Any:
    if isinstance(answer, str):
        return answer
    return [round(float(value), DECIMALS) for value in answer]
