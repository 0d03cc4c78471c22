"""A pair classifier in two graphs: one makes a vector of each text, one compares two vectors.

Who scores many pairs of few texts runs the first once for each text.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.runtime.description import PAIRS, TEXTS, Description
from serving.runtime.loading import Engine, open_graph
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, SIDES, VECTOR, Tensors


class HalvesEngine:
    """Both graphs; asked for pairs, it answers as an engine with one graph does."""

    def __init__(self, texts: Engine, pairs: Engine, output: str) -> None:
        """Keep the engines and the name of the answer."""
        self._texts, self._pairs, self._output = texts, pairs, output

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run both graphs over a batch of pairs."""
        ids, mask = (
            np.concatenate([tensors[side + name] for side in SIDES])
            for name in (INPUT_IDS, ATTENTION_MASK)
        )
        vectors = self.vectors(ids, mask)
        half = len(vectors) // 2
        return {self._output: self.compare(vectors[:half], vectors[half:])}

    def vectors(self, ids: NDArray[Any], mask: NDArray[Any]) -> NDArray[np.float32]:
        """Return float32 [texts, width] of ids and mask, int64 [texts, length]."""
        made = self._texts.infer({INPUT_IDS: ids, ATTENTION_MASK: mask})
        return np.asarray(made[VECTOR], dtype=np.float32)

    def compare(self, left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float32]:
        """Return the probabilities, float32 [pairs, labels], of vectors side by side."""
        sides = zip(SIDES, (left, right), strict=True)
        made = self._pairs.infer({side + VECTOR: vectors for side, vectors in sides})
        return np.asarray(made[self._output], dtype=np.float32)


def load(directory: Path, description: Description, threads: int) -> HalvesEngine:
    """Open both graphs; the comparison is small, and is always made in float32."""
    engine = description.engine
    texts = replace(description, inputs=(INPUT_IDS, ATTENTION_MASK), output=VECTOR)
    pairs = replace(description, inputs=tuple(side + VECTOR for side in SIDES), precision="fp32")
    return HalvesEngine(
        open_graph(engine, directory / TEXTS, texts, threads),
        open_graph(engine, directory / PAIRS, pairs, threads),
        description.output,
    )
