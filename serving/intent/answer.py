"""Write answers: the JSON of one row of probabilities, into a form that is made once."""

import json
import math

import numpy as np
from numpy.typing import NDArray

from serving.runtime import Description


class Writer:
    """Writes a model's answers; the keys and the ends of every answer are the same."""

    def __init__(self, description: Description, artifact: str) -> None:
        """Take what the model says of itself and its archive's digest."""
        self.name, self.labels = description.name, description.labels
        self.fallback = description.fallback_label
        self._decide = description.decide
        told = [*description.labels, description.fallback_label]
        self._words = {label: json.dumps(label) for label in told if label is not None}
        shares = ", ".join(f"{_kept(label)}: %.6f" for label in description.labels)
        self._form = (
            f'{{"intent": %s, "confidence": %.6f, "probabilities": {{{shares}}}, '
            f'"model": {_kept(description.name)}, "artifact": {_kept(artifact)}}}'
        )

    def write(self, row: NDArray[np.float32]) -> tuple[str, str]:
        """Return the intent and the whole answer.

        Raises:
            ValueError: A probability is not finite, which no caller should be given.
        """
        values = row.tolist()
        if not math.isfinite(sum(values)):
            raise ValueError(f"{self.name} answered {values}: not finite")
        intent = self._decide(row)
        return intent, self._form % (self._words[intent], max(values), *values)


def _kept(text: str) -> str:
    """Return JSON of a text that stays what it is when the form is filled in."""
    return json.dumps(text).replace("%", "%%")
