"""Training batches: queries as padded tensors, of like lengths together."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from tokenizers import Tokenizer
from torch import Tensor

from model_build.data.queries import Query
from model_build.train.spelling.architectures import PAD_ID
from model_build.train.spelling.tokenizer import Writer

IGNORED = -100
POOL = 64
"""Batches drawn at once and sorted by length before they are cut."""


@dataclass(frozen=True)
class Batch:
    """One step's examples; ids and mask [queries, letters], labels [queries, words]."""

    ids: Tensor
    mask: Tensor
    labels: Tensor


def batches(
    queries: Iterator[Query], reader: Tokenizer, writer: Writer, size: int, seed: int
) -> Iterator[Batch]:
    """Yields batches of `size` queries for ever."""
    shuffle = random.Random(seed)  # reproducible on purpose
    while pool := list(islice(queries, POOL * size)):
        typed = [coded.ids for coded in reader.encode_batch([query.typed for query in pool])]
        meant = [writer.write(query.meant) for query in pool]
        order = sorted(range(len(pool)), key=lambda row: (len(meant[row]), len(typed[row])))
        cuts = [order[start : start + size] for start in range(0, len(order), size)]
        shuffle.shuffle(cuts)
        for rows in cuts:
            ids = _padded([typed[row] for row in rows], PAD_ID)
            labels = _padded([meant[row] for row in rows], IGNORED)
            yield Batch(ids, (ids != PAD_ID).long(), labels)


def _padded(rows: list[list[int]], filler: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])
