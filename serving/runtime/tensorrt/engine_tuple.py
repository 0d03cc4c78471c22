"""`engine.json`: what an engine is bound to, and the sizes its profiles span.

An engine loads under the very TensorRT that built it and runs on the kind of GPU it was built on.
Both are compared here before anything is loaded, so that a mismatch is a sentence, not a crash.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from serving.runtime.description import CorruptArtifact

FILE_NAME = "engine.json"


class WrongEngine(Exception):
    """An engine met another TensorRT or another GPU than it was built for."""


@dataclass(frozen=True)
class Span:
    """The batch sizes and lengths of one optimisation profile, bounds included."""

    batch_low: int
    batch_high: int
    length_low: int
    length_high: int

    def holds(self, batch: int, length: int) -> bool:
        """Say whether a shape lies within."""
        return (
            self.batch_low <= batch <= self.batch_high
            and self.length_low <= length <= self.length_high
        )


@dataclass(frozen=True)
class Graph:
    """An engine file, its profiles in order, and the width of its output where it has one."""

    file: str
    spans: tuple[Span, ...]
    width: int = 0

    def profile(self, batch: int, length: int) -> int:
        """Return the number of the first profile that holds a shape.

        Raises:
            ValueError: None does.
        """
        for number, span in enumerate(self.spans):
            if span.holds(batch, length):
                return number
        raise ValueError(f"{self.file}: no profile holds batch {batch} x {length} tokens")


@dataclass(frozen=True)
class EngineTuple:
    """TensorRT's kind and version, the GPU's architecture, and the engines by name."""

    tensorrt: str
    version: str
    architecture: str
    graphs: Mapping[str, Graph]

    def write(self, directory: Path) -> None:
        """Write `engine.json`."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"
        (directory / FILE_NAME).write_text(text, encoding="utf-8")

    def check(self, version: str, architecture: str) -> None:
        """Compare with the TensorRT and the GPU that are here.

        Raises:
            WrongEngine: They differ; the message has both tuples.
        """
        if (version, architecture) != (self.version, self.architecture):
            raise WrongEngine(
                f"engine built by ({self.tensorrt} {self.version}, {self.architecture}), here is"
                f" ({self.tensorrt} {version}, {architecture}): build the artifact again in the"
                " image that serves it, on its kind of GPU"
            )


def batch_sizes(most: int) -> tuple[int, ...]:
    """Return the batch sizes that graphs are captured for: powers of two up to the largest."""
    sizes = [1]
    while sizes[-1] * 2 < most:
        sizes.append(sizes[-1] * 2)
    return tuple(sizes) if most == 1 else (*sizes, most)


def read_tuple(directory: Path) -> EngineTuple:
    """Parse `directory/engine.json`.

    Raises:
        CorruptArtifact: The file is missing or not of this form.
    """
    path = directory / FILE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        graphs = {
            name: Graph(row["file"], tuple(Span(**span) for span in row["spans"]), row["width"])
            for name, row in document["graphs"].items()
        }
        return EngineTuple(**{**document, "graphs": graphs})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptArtifact(f"{path}: {error}; compile the model again") from error
