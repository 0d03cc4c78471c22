"""Several models in one graph: a parent module, compiled and served as one.

Its directory holds the graph, `parent.json`, and a folder for each part: what any model's directory
has, but with the parent's engine in place of files of its own. So a part loads like every model

    load(Path("moderation/moderation-text")).predict(["this tea cures diabetes"])

and all parts can be asked by one run of the graph:

    parent = load_parent(Path("moderation"))
    parent.infer({name: parent.parts[name].preprocess(inputs) for name, inputs in asked.items()})
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serving.runtime.blank import blank
from serving.runtime.description import CorruptArtifact, Description, verify_files
from serving.runtime.loading import Codec, Engine, Model, load_codec, open_graph
from serving.runtime.tensors import Tensors

FILE_NAME = "parent.json"


@dataclass(frozen=True)
class ParentDescription:
    """A parsed `parent.json`.

    The graph's tensors are named by `port`. `files` maps each file below the directory, those of
    the parts too, to its SHA-256 in hex.
    """

    name: str
    engine: str
    parts: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    image_size: int
    files: Mapping[str, str]

    def to_json(self) -> str:
        """Return the text of `parent.json`; equal descriptions give equal bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


class Parent:
    """The parts by name, and the one graph that holds them all."""

    def __init__(
        self, description: ParentDescription, codecs: Mapping[str, Codec], engine: Engine
    ) -> None:
        """Join the parts with their graph."""
        self.description = description
        self._engine = engine
        self._unasked = {name: _no_rows(codec) for name, codec in codecs.items()}
        self.parts = {name: Model(codec, _View(self, name)) for name, codec in codecs.items()}

    def infer(self, asked: Mapping[str, Tensors]) -> dict[str, Tensors]:
        """Run the graph once for the parts that are asked, each with rows of its own.

        What is not asked gets no rows: a graph of free batches does no work for it; one of a static
        shape computes it and throws it away.
        """
        feed = {
            port(name, tensor): value
            for name, unasked in self._unasked.items()
            for tensor, value in asked.get(name, unasked).items()
        }
        made = self._engine.infer(feed)
        answers = {}
        for name, tensors in asked.items():
            output = self.parts[name].description.output
            count = len(next(iter(tensors.values())))
            answers[name] = {output: made[port(name, output)][:count]}
        return answers


class _View:
    """One part of a parent as an engine."""

    def __init__(self, parent: Parent, name: str) -> None:
        self._parent = parent
        self._name = name

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run the graph for this part alone."""
        return self._parent.infer({self._name: dict(tensors)})[self._name]


def port(part: str, tensor: str) -> str:
    """Return the name that a part's tensor has in the graph of the parent."""
    return f"{part}.{tensor}"


def shipped(directory: Path) -> Path:
    """Return what is packed of a compiled model directory: the parent's, if it is a part's."""
    return directory.parent if (directory.parent / FILE_NAME).is_file() else directory


def load_parent(directory: Path, *, threads: int = 1) -> Parent:
    """Load a parent and its parts after checking every file.

    Raises:
        CorruptArtifact: A file is missing or altered; the message names it.
    """
    description = read_parent(directory)
    verify_files(directory, description.files)
    codecs = {name: load_codec(directory / name) for name in description.parts}
    engine = open_graph(description.engine, directory, description, threads)
    return Parent(description, codecs, engine)


def read_parent(directory: Path) -> ParentDescription:
    """Parse `directory/parent.json`.

    Raises:
        CorruptArtifact: The file is missing or not such a description.
    """
    path = directory / FILE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        frozen: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in document.items()
        }
        return ParentDescription(**frozen)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CorruptArtifact(
            f"{path}: cannot be read ({error}); copy the artifact again"
        ) from error


def load(directory: Path, description: Description, threads: int) -> Engine:
    """Load one part's engine: the graph of the directory above."""
    return _View(load_parent(directory.parent, threads=threads), description.name)


def _no_rows(codec: Codec) -> Tensors:
    """Return a part's tensors for a batch of none."""
    made = codec.preprocess([blank(codec.description)])
    return {name: value[:0] for name, value in made.items()}
