"""`model.json`: what a compiled model directory says about itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.runtime.digest import sha256_of

FILE_NAME = "model.json"
FORMAT = 1
TEXTS, PAIRS = "texts", "pairs"
"""The folders of a pair classifier's two graphs."""
PARENT = "parent"
"""The engine of a model that is one part of a graph of several: see `serving.runtime.parent`."""

ENGINES = (
    "onnxruntime",
    "openvino",
    "ctranslate2",
    "onnxruntime-steps",
    "tensorrt",
    "neuron",
    PARENT,
)
TASKS = ("seq2seq", "embedding", "classification", "pair-classification", "image-classification")


class CorruptArtifact(Exception):
    """A compiled model directory is not what its `model.json` says."""


@dataclass(frozen=True)
class Description:
    """A parsed `model.json`.

    `inputs` and `output` name the tensors of `infer`. Limits are in tokens. `buckets` are the
    padded lengths an engine was made for; without them a batch is padded to its longest text.
    A classifier whose best probability lies below `threshold` answers `fallback_label`.
    `files` maps each file's POSIX path inside the directory to its SHA-256 in hex.
    """

    name: str
    task: str
    family: str
    engine: str
    precision: str
    inputs: tuple[str, ...]
    output: str
    labels: tuple[str, ...] = ()
    threshold: float = 0.0
    fallback_label: str | None = None
    max_input_tokens: int = 0
    buckets: tuple[int, ...] = ()
    beams: int = 1
    max_output_tokens: int = 0
    image_size: int = 0
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of what `infer` returns: the one output."""
        return (self.output,)

    @property
    def halved(self) -> bool:
        """Whether it is in two graphs, of texts and of pairs: see `serving.runtime.halves`."""
        return any(name.startswith(f"{TEXTS}/") for name in self.files)

    def decide(self, probabilities: NDArray[np.float32]) -> str:
        """Return the label of one row of probabilities, or the fallback when none is sure."""
        best = int(np.argmax(probabilities))
        if self.fallback_label is not None and float(probabilities[best]) < self.threshold:
            return self.fallback_label
        return self.labels[best]

    def to_json(self) -> str:
        """Return the text of `model.json`; equal descriptions give equal bytes."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def read_description(directory: Path) -> Description:
    """Parse `directory/model.json`.

    Raises:
        CorruptArtifact: The file is missing or does not describe a model this code can load.
    """
    path = directory / FILE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CorruptArtifact(
            f"{path}: cannot be read ({error}); copy the artifact again"
        ) from error
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise CorruptArtifact(f"{path}: format is not {FORMAT}; compile the model again")
    known = {item.name for item in fields(Description)}
    if unknown := sorted(set(document) - known):
        raise CorruptArtifact(f"{path}: unknown keys {unknown}; compile the model again")
    try:
        description = Description(**{key: _frozen(value) for key, value in document.items()})
    except TypeError as error:
        raise CorruptArtifact(f"{path}: {error}; compile the model again") from error
    for key, value, allowed in (
        ("engine", description.engine, ENGINES),
        ("task", description.task, TASKS),
    ):
        if value not in allowed:
            raise CorruptArtifact(
                f"{path}: {key} is {value!r}, must be one of {', '.join(allowed)}"
            )
    return description


def verify_files(directory: Path, files: Mapping[str, str]) -> None:
    """Check the SHA-256 of files, as `Description.files` gives them.

    Raises:
        CorruptArtifact: A file is missing, altered, or named outside the directory.
    """
    for name, expected in sorted(files.items()):
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise CorruptArtifact(f"{directory}: {name} lies outside the model directory")
        path = directory / relative
        if not path.is_file():
            raise CorruptArtifact(f"{path}: missing; copy the artifact again")
        with path.open("rb") as stream:
            actual = sha256_of(stream)
        if actual != expected:
            raise CorruptArtifact(
                f"{path}: sha256 is {actual}, expected {expected}; copy the artifact again"
            )


def _frozen(value: Any) -> Any:
    """Return lists as tuples, so that a parsed description is equal to the one written."""
    return tuple(value) if isinstance(value, list) else value
