"""The loop that drives encoder and steps, whatever runs them.

It pads a batch to the sizes that the graphs were made for, asks the stepper until every text is
done, and gives back the rows that were asked. Texts of unequal length share a batch: their masks
hide the padding, and a text that is done writes padding until the others are.
"""

import threading
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from serving.runtime.description import Description
from serving.runtime.generation.state import Generation
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, OUTPUT_IDS, Tensors

Table = np.ndarray[Any, Any]


class Stepper(Protocol):
    """Runs the graphs of one model and keeps their state on its device."""

    def begin(self, ids: Table, mask: Table) -> None:
        """Encode texts, int64 (texts, length) both, and set the state to its beginning."""

    def step(self) -> bool:
        """Take one step and say whether all texts are known to be done.

        It may say so late, since the steps after the last change nothing.
        """

    def answer(self) -> Table:
        """Return the ids, (texts, steps) or (texts, beams, steps)."""


class GenerationEngine:
    """An `Engine` for seq2seq: one batch at a time goes through the stepper."""

    def __init__(self, stepper: Stepper, generation: Generation, description: Description) -> None:
        """Keep what runs the graphs and how they are fed."""
        self._stepper, self._generation = stepper, generation
        self._limit = description.max_output_tokens
        self._lock = threading.Lock()  # the state is one

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Decode a batch; short rows of `output_ids` end in padding."""
        ids, mask = tensors[INPUT_IDS], tensors[ATTENTION_MASK]
        most = self._generation.batches[-1] if self._generation.batches else len(ids)
        rows = [
            self._decode(ids[start : start + most], mask[start : start + most])
            for start in range(0, len(ids), most)
        ]
        return {OUTPUT_IDS: trimmed(np.concatenate(rows), self._generation.pad)}

    def _decode(self, ids: Table, mask: Table) -> Table:
        with self._lock:
            self._stepper.begin(*fitted(ids, mask, self._generation))
            for _ in range(min(self._generation.steps, self._limit)):
                if self._stepper.step():
                    break
            answer = self._stepper.answer()
        best = answer[:, 0] if answer.ndim == 3 else answer
        return best[: len(ids)]


def fitted(ids: Table, mask: Table, generation: Generation) -> tuple[Table, Table]:
    """Return ids and mask padded to the next batch and length there is a graph for.

    A row of padding sees its first token, so that no softmax is over nothing.

    Raises:
        ValueError: A text is longer than the longest graph.
    """
    texts, length = ids.shape
    if generation.lengths and length > generation.lengths[-1]:
        raise ValueError(
            f"{length} tokens are more than the graphs take ({generation.lengths[-1]}):"
            " cut the text or compile for longer ones"
        )
    rows = next((size for size in generation.batches if size >= texts), texts)
    wide = next((size for size in generation.lengths if size >= length), length)
    padded = np.full((rows, wide), generation.pad, dtype=np.int64)
    padded[:texts, :length] = ids
    seen = np.zeros((rows, wide), dtype=np.int64)
    seen[:texts, :length] = mask
    seen[:, 0] = np.where(seen.any(axis=1), seen[:, 0], 1)
    return padded, seen


def trimmed(ids: Table, pad: int) -> Table:
    """Return ids without the columns at the end that are padding in every row; one at least."""
    used = np.flatnonzero((ids != pad).any(axis=0))
    return ids[:, : int(used[-1]) + 1 if len(used) else 1]
