"""`generation.json`: how a decoder's steps are fed, so that one loop drives any of them.

A step is a graph. Of its inputs, `constant` ones stay what the encoder made of the source texts;
`carried` ones are replaced by the outputs of the same name plus `NEXT` after each step. The output
`done` says that every text has its answer.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from serving.runtime.description import CorruptArtifact

FILE_NAME = "generation.json"
NEXT = "_next"
DONE = "done"

Shape = tuple[str | int, ...]


@dataclass(frozen=True)
class Carried:
    """A tensor of the state: its name, shape, type and what it begins with.

    In a shape `texts` is the batch and `rows` is texts times beams. Where `first_only` is given,
    the places after the first along the last axis begin with that.
    """

    name: str
    shape: Shape
    dtype: str
    fill: float = 0
    first_only: float | None = None

    def sized(self, texts: int, beams: int) -> tuple[int, ...]:
        """Return the shape for a number of texts."""
        sizes = {"texts": texts, "rows": texts * beams}
        return tuple(sizes[size] if isinstance(size, str) else size for size in self.shape)

    def begin(self, texts: int, beams: int) -> np.ndarray[Any, Any]:
        """Return what the tensor holds before the first step."""
        table = np.full(self.sized(texts, beams), self.fill, dtype=self.dtype)
        if self.first_only is not None:
            table[..., 1:] = self.first_only
        return table


@dataclass(frozen=True)
class Generation:
    """What a loop must know of an encoder and a step.

    `steps` is the longest output in tokens; `answer` names the carried tensor that holds it: ids
    (texts, steps), or (texts, beams, steps) of which the first beam is the best. `batches` and
    `lengths` are the sizes that a graph of fixed shapes was made for, ascending; empty where any
    size will do. `pad` fills what they leave over.
    """

    beams: int
    steps: int
    pad: int
    answer: str
    constant: tuple[str, ...]
    carried: tuple[Carried, ...]
    batches: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()

    def to_json(self) -> str:
        """Return the text of `generation.json`."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read_generation(directory: Path) -> Generation:
    """Parse `directory/generation.json`.

    Raises:
        CorruptArtifact: The file is missing or not of this form.
    """
    path = directory / FILE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        carried = [Carried(**{**row, "shape": tuple(row["shape"])}) for row in document["carried"]]
        lists = {key: tuple(document[key]) for key in ("constant", "batches", "lengths")}
        return Generation(**{**document, **lists, "carried": tuple(carried)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptArtifact(f"{path}: {error}; compile the model again") from error
