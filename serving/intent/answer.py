"""Write answers: the JSON of one row of probabilities, put together from parts made once."""

import json

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
        self._keys = [json.dumps(label) for label in description.labels]
        self._tail = f'"model": {json.dumps(description.name)}, "artifact": "{artifact}"}}'

    def write(self, row: NDArray[np.float32]) -> tuple[str, str]:
        """Return the intent and the whole answer.

        Raises:
            ValueError: A probability is not finite, which no caller should be given.
        """
        if not np.isfinite(row).all():
            raise ValueError(f"{self.name} answered {row.tolist()}: not finite")
        intent = self._decide(row)
        values = [f"{value:.6f}" for value in row.tolist()]
        shares = ", ".join(f"{key}: {value}" for key, value in zip(self._keys, values, strict=True))
        body = f'{{"intent": {json.dumps(intent)}, "confidence": {max(values)}, '
        return intent, f'{body}"probabilities": {{{shares}}}, {self._tail}'
