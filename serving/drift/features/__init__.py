"""Features: numbers, categories and vectors of what a model was asked and answered.

    table = features_of("seq2seq")(rows, lens)

Nothing of a table can be turned back into a text or a picture, so baselines may hold tables where
they may not hold what they were made from.
"""

from collections.abc import Callable, Sized
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from serving.drift.features.lens import Lens
from serving.drift.records import Rows

Numbers = NDArray[np.float32]


@dataclass
class Table:
    """Features by name, row by row in the same order.

    `numbers` are `[n]`, `categories` lists of n names, `vectors` `[n, width]`; a vector is judged
    as a whole, beside the numbers that `features.outputs` takes from it.
    """

    numbers: dict[str, Numbers] = field(default_factory=dict)
    categories: dict[str, list[str]] = field(default_factory=dict)
    vectors: dict[str, Numbers] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return every feature's name, in order."""
        return [*self.numbers, *self.categories, *self.vectors]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        columns: list[Sized] = [
            *self.numbers.values(), *self.categories.values(), *self.vectors.values(),
        ]  # fmt: skip
        return len(columns[0]) if columns else 0

    def take(self, picked: NDArray[np.intp]) -> "Table":
        """Return a selection of the rows."""
        return Table(
            {name: values[picked] for name, values in self.numbers.items()},
            {name: [values[i] for i in picked] for name, values in self.categories.items()},
            {name: values[picked] for name, values in self.vectors.items()},
        )


Extract = Callable[[Rows, Lens], Table]


def features_of(task: str) -> Extract:
    """Return what takes the features of a task's rows.

    Raises:
        KeyError: There is no such task.
    """
    from serving.drift.features import tasks

    return tasks.EXTRACT[task]


__all__ = ["Lens", "Numbers", "Table", "features_of"]
