"""The part of a golden set that a gate asks, and both models' answers to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from model_build.golden import GoldenSet

# Eager PyTorch answers every question too; these keep a gate within ten seconds on two cores.
LIMITS = {"seq2seq": 160, "embedding": 120}
LIMIT = 240
DOCUMENTS = 200
BATCH = 16

Predict = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Answers:
    """Questions with what was expected, what the source answers and what the compiled model does.

    For embeddings `expected` are indices into the documents, whose vectors are kept beside.
    """

    inputs: Sequence[Any]
    expected: Sequence[Any]
    source: list[Any]
    compiled: list[Any]
    source_documents: list[Any]
    compiled_documents: list[Any]


@dataclass(frozen=True)
class Picked:
    """The part of a golden set that is asked; `documents` are what embeddings are searched in."""

    inputs: list[Any]
    expected: list[Any]
    documents: list[str]


def pick(golden: GoldenSet) -> Picked:
    """Return an evenly spaced part of a golden set, the same part every time."""
    picked = _spread(len(golden.inputs), LIMITS.get(golden.task, LIMIT))
    inputs = [golden.inputs[index] for index in picked]
    expected = [golden.expected[index] for index in picked]
    documents: list[str] = []
    if golden.task == "embedding":
        kept = _documents(expected, len(golden.documents))
        documents = [golden.documents[index] for index in kept]
        place = {index: position for position, index in enumerate(kept)}
        expected = [place[index] for index in expected]
    return Picked(inputs, expected, documents)


def ask(golden: GoldenSet, source: Predict, compiled: Predict) -> Answers:
    """Ask both models the same part of a golden set."""
    picked = pick(golden)
    return Answers(
        picked.inputs,
        picked.expected,
        in_batches(source, picked.inputs),
        in_batches(compiled, picked.inputs),
        in_batches(source, picked.documents),
        in_batches(compiled, picked.documents),
    )


def in_batches(predict: Predict, inputs: Sequence[Any]) -> list[Any]:
    """Return the answers in order; texts of like length are asked together, so little is padded."""
    order = sorted(range(len(inputs)), key=lambda index: _size(inputs[index]))
    answers: list[Any] = [None] * len(inputs)
    for start in range(0, len(order), BATCH):
        picked = order[start : start + BATCH]
        for index, answer in zip(picked, predict([inputs[i] for i in picked]), strict=True):
            answers[index] = answer
    return answers


def _size(item: Any) -> int:
    return max(len(item[0]), len(item[1])) if isinstance(item, tuple) else len(item)


def _spread(count: int, limit: int) -> list[int]:
    """Return up to `limit` indices, evenly spaced: golden sets are often ordered by kind."""
    asked = min(count, limit)
    return [index * count // asked for index in range(asked)]


def _documents(relevant: Sequence[int], count: int) -> list[int]:
    """Return the relevant documents and an even spread of the others, in order."""
    kept = set(relevant)
    others = [index for index in range(count) if index not in kept]
    missing = max(0, DOCUMENTS - len(kept))
    return sorted(kept | {others[position] for position in _spread(len(others), missing)})
