"""The part of a golden set that a gate asks, and both models' answers to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from model_build.golden import GoldenSet

# Eager PyTorch answers every question too; these keep a gate within ten seconds on two cores.
LIMITS = {"seq2seq": 200, "embedding": 150}
LIMIT = 400
DOCUMENTS = 300

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


def ask(golden: GoldenSet, source: Predict, compiled: Predict) -> Answers:
    """Ask both models the same evenly spaced part of a golden set, the same part every time."""
    picked = _spread(len(golden.inputs), LIMITS.get(golden.task, LIMIT))
    inputs = [golden.inputs[index] for index in picked]
    expected = [golden.expected[index] for index in picked]
    documents: list[str] = []
    if golden.task == "embedding":
        kept = _documents(expected, len(golden.documents))
        documents = [golden.documents[index] for index in kept]
        place = {index: position for position, index in enumerate(kept)}
        expected = [place[index] for index in expected]
    return Answers(
        inputs,
        expected,
        source(inputs),
        compiled(inputs),
        source(documents) if documents else [],
        compiled(documents) if documents else [],
    )


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
