"""Held-out golden sets: what a compiled model must answer as well as its source does.

A golden set is a pure function of our code and of the installed packages it is derived from: the
same on every machine, and never seen by a training recipe (split by word, template, product or
layout, as each set says). Sets made from copyleft packages are never copied into the repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

Task = Literal[
    "seq2seq", "embedding", "classification", "pair-classification", "image-classification"
]

# Each module offers `build(name) -> GoldenSet`; it is imported only when one of its sets is loaded.
MODULES: dict[str, str] = {
    "spelling-queries": "model_build.golden.spelling",
    "embedding-pairs": "model_build.golden.embedding",
    "intent-utterances": "model_build.golden.intents",
    "duplicate-pairs": "model_build.golden.duplicates",
    "ad-texts": "model_build.golden.ad_texts",
    "ad-images": "model_build.golden.ad_images",
}


class UnknownGoldenSet(KeyError):
    """No golden set has this name."""

    def __str__(self) -> str:
        return f"golden: unknown set {self.args[0]!r}; use one of {', '.join(MODULES)}"


@dataclass(frozen=True)
class GoldenSet:
    """Questions with their right answers.

    Attributes:
        name: The name that gates in the catalog use.
        task: Decides the types below, as docs/architecture.md tabulates them.
        inputs: One input per question: text, a pair of texts, or the bytes of a PNG.
        expected: The right answer to each: a string (seq2seq), a label (classifiers), or the
            index of the relevant document in `documents` (embedding).
        digest: `sha256:<hex>` over task, inputs, expected and documents.
        licence: SPDX expression of the data; where it comes from is in the module's docstring.
        documents: What an embedding query retrieves from; empty for other tasks.
    """

    name: str
    task: Task
    inputs: Sequence[Any]
    expected: Sequence[Any]
    digest: str
    licence: str
    documents: Sequence[str] = ()


@cache
def load(name: str) -> GoldenSet:
    """Returns the golden set `name`, made on the first call and kept for the process.

    Raises:
        UnknownGoldenSet: If no set has this name.
    """
    if name not in MODULES:
        raise UnknownGoldenSet(name)
    built = import_module(MODULES[name]).build(name)
    assert isinstance(built, GoldenSet)
    return built
