"""Optimisation profiles: the shapes that an engine is tuned for and may be asked in.

TensorRT picks kernels by a profile's `opt` shape, so a profile that spans everything is good at
nothing: encoders get one for each length, alone and batched; decoders one for each batch size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Range:
    """The least, the best and the largest shape of one input."""

    least: Shape
    best: Shape
    most: Shape


Profile = Mapping[str, Range]


def for_encoder(names: Sequence[str], lengths: Sequence[int], max_batch: int) -> list[Profile]:
    """Return two profiles for each length: batch 1, and 2 up to the largest."""
    batches = [(1, 1)] + ([(2, max_batch)] if max_batch > 1 else [])
    return [
        {name: Range((low, length), (high, length), (high, length)) for name in names}
        for length in lengths
        for low, high in batches
    ]


def for_graph(
    shapes: Mapping[str, Sequence[int | str]],
    batches: Sequence[int],
    lengths: Sequence[int],
    beams: int,
) -> list[Profile]:
    """Return one profile for each batch size, over all lengths; the shortest is the usual one.

    Args:
        shapes: Each input's shape; free sizes are named `texts`, `rows` and `length`.
        batches: Sizes that a captured graph exists for.
        lengths: Padded input lengths, ascending.
        beams: Rows of a text.
    """

    def sized(shape: Sequence[int | str], batch: int, length: int) -> Shape:
        free = {"texts": batch, "rows": batch * beams, "length": length}
        return tuple(free[size] if isinstance(size, str) else size for size in shape)

    return [
        {
            name: Range(
                sized(shape, batch, lengths[0]),
                sized(shape, batch, lengths[0]),
                sized(shape, batch, lengths[-1]),
            )
            for name, shape in shapes.items()
        }
        for batch in batches
    ]


def buckets(lengths: Sequence[int], longest: int) -> tuple[int, ...]:
    """Return padded lengths that end at the longest text; a row's own, or powers of two from 16."""
    if lengths:
        return tuple(lengths)
    sizes = [16]
    while sizes[-1] < longest:
        sizes.append(sizes[-1] * 2)
    kept = [size for size in sizes if size < longest]
    assert all(low < high for low, high in pairwise(kept)), "powers of two ascend"
    return (*kept, longest)
