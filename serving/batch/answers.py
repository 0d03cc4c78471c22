"""Probabilities of a chunk of pairs, by full batches of like length.

Law: equal chunks give equal bytes. What shares a batch with a text changes its last bits, so a
batch is made of one chunk alone.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from serving.runtime import Model
from serving.runtime.halves import HalvesEngine
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, SIDES
from serving.runtime.text_codec import padded_length

Pair = tuple[str, str]
Rows = NDArray[np.float32]

BATCH = 64
"""Texts at once: where AMX is as fast as it gets; more only take more memory."""


def answers(model: Model, pairs: Sequence[Pair]) -> Rows:
    """Return the probabilities, float32 [pairs, labels], of one or more pairs."""
    if isinstance(model.engine, HalvesEngine):
        return _by_text(model, model.engine, pairs)
    return _by_pair(model, pairs)


def _by_text(model: Model, engine: HalvesEngine, pairs: Sequence[Pair]) -> Rows:
    """Read each distinct text once, then compare."""
    places = {text: place for place, text in enumerate(dict.fromkeys(chain(*pairs)))}
    texts = list(places)
    # The codec takes pairs: so each text of the first half comes with one of the second.
    half = (len(texts) + 1) // 2
    tensors = model.preprocess(list(zip(texts[:half], [*texts[half:], texts[0]], strict=False)))
    ids, mask = (
        np.concatenate([tensors[side + name] for side in SIDES])[: len(texts)]
        for name in (INPUT_IDS, ATTENTION_MASK)
    )
    order, found = [], []
    for batch, width in _batches(mask.sum(axis=1), BATCH, model.description.buckets):
        order.append(batch)
        found.append(engine.vectors(ids[batch, :width], mask[batch, :width]))
    vectors = np.concatenate(found)[np.argsort(np.concatenate(order))]
    left, right = (vectors[[places[pair[side]] for pair in pairs]] for side in range(len(SIDES)))
    return engine.compare(left, right)


def _by_pair(model: Model, pairs: Sequence[Pair]) -> Rows:
    """Let the engine read both texts of every pair: it has one graph for all of it."""
    tensors = model.preprocess(pairs)  # padded to the longest text of all
    lengths = np.max([tensors[side + ATTENTION_MASK].sum(axis=1) for side in SIDES], axis=0)
    rows = np.empty((len(pairs), len(model.description.labels)), dtype=np.float32)
    for batch, width in _batches(lengths, BATCH // len(SIDES), model.description.buckets):
        feed = {name: np.ascontiguousarray(item[batch, :width]) for name, item in tensors.items()}
        rows[batch] = np.stack(model.postprocess(model.infer(feed)))
    return rows


def _batches(
    lengths: NDArray[np.int64], size: int, buckets: Sequence[int]
) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Yield the members of each batch, shortest first, and how many tokens they are padded to."""
    order = np.argsort(lengths, kind="stable")
    for first in range(0, len(order), size):
        batch = order[first : first + size]
        yield batch, padded_length(int(lengths[batch[-1]]), buckets)
