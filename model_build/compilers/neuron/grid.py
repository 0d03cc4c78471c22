"""The grid of static shapes that a model is compiled for: batch sizes times sequence lengths."""

from dataclasses import dataclass

import torch
from torch import Tensor

from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import ImpossibleTarget
from serving.runtime.tensors import PIXELS, SIDES


@dataclass(frozen=True, order=True)
class Shape:
    """One static shape: inputs at once, and tokens of each (0 for images)."""

    batch: int
    length: int = 0

    @property
    def name(self) -> str:
        """Return the file name's stem, such as `b8-s32`."""
        return f"b{self.batch}-s{self.length}" if self.length else f"b{self.batch}"


def grid(spec: ModelSpec, target: Target) -> list[Shape]:
    """Return every shape of a target, smallest first.

    Raises:
        ImpossibleTarget: A text model without buckets: the chip has no dynamic lengths.
    """
    batches = target.options.neuron.batches
    # The graphs of a parent take the texts of all parts at one length.
    lengths = {length for row in spec.parts or (spec,) for length in _lengths(row)} or {0}
    return sorted(Shape(batch, length) for batch in batches for length in lengths)


def _lengths(spec: ModelSpec) -> tuple[int, ...]:
    if spec.task == "image-classification":
        return ()
    lengths = spec.limits.buckets or (spec.limits.max_input_tokens,)
    if None in lengths:
        raise ImpossibleTarget(
            f"{spec.name}: limits.buckets: none: a NeuronCore runs one length per graph, so name"
            " the lengths to compile for, e.g. [16, 32, 64]"
        )
    return tuple(length or 0 for length in lengths)


def example(names: tuple[str, ...], shape: Shape, image_size: int) -> tuple[Tensor, ...]:
    """Return inputs of a shape, in the order of a module's `forward`.

    Ids are 1 and masks are 1, so that no row is all padding; pixels are grey.
    """
    if names == (PIXELS,):
        return (torch.full((shape.batch, 3, image_size, image_size), 0.5),)
    sides = {name for name in names if name.startswith(SIDES)}
    assert not sides or len(sides) == len(names), names
    return tuple(torch.ones((shape.batch, shape.length), dtype=torch.int64) for _ in names)
