"""What a model is asked on its chip, with the source model's answers beside: written at build.

The source needs a newer Python and PyTorch than the chip's frozen container has. So it answers
where the artifact is built, and its answers travel as data.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PAIR = "pair-classification"
IMAGE = "image-classification"


@dataclass(frozen=True)
class Questions:
    """The questions of one artifact.

    Attributes:
        task: The model's task.
        inputs: What is asked: texts, pairs of texts, or bytes of images.
        expected: What is right, as the golden set has it.
        source: The source model's answers, vectors as lists of numbers.
        documents: For embeddings, what is searched in.
        source_documents: The source model's vectors of these.
        source_ms: How long the source took for each batch, in milliseconds, at the build.
        load: `concurrency`, `batch` and `seconds` under which speed is measured.
        machine: What the source answered on.
    """

    task: str
    inputs: Sequence[Any]
    expected: Sequence[Any]
    source: Sequence[Any]
    documents: Sequence[str]
    source_documents: Sequence[Any]
    source_ms: Sequence[float]
    load: dict[str, Any]
    machine: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the questions as a JSON document; images as base64."""
        asked = self.inputs
        if self.task == IMAGE:
            asked = [base64.b64encode(item).decode() for item in self.inputs]
        return {
            "task": self.task,
            "inputs": [list(item) if self.task == PAIR else item for item in asked],
            "expected": list(self.expected),
            "source": list(self.source),
            "documents": list(self.documents),
            "source_documents": list(self.source_documents),
            "source_ms": list(self.source_ms),
            "load": dict(self.load),
            "machine": dict(self.machine),
        }

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Questions":
        """Read questions back."""
        asked = document["inputs"]
        if document["task"] == IMAGE:
            asked = [base64.b64decode(item) for item in asked]
        elif document["task"] == PAIR:
            asked = [tuple(item) for item in asked]
        return Questions(**{**document, "inputs": asked})
