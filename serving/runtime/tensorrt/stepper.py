"""Encoder and steps under TensorRT: the state never leaves the GPU between two steps.

The state lies in two arenas. An even step reads the first and writes the second, an odd one the
other way round, so nothing is copied; each is a captured graph of its own. The host stays one step
ahead: it starts a step before it knows whether the one before was the last, so the GPU never waits
for it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.runtime.generation.state import DONE, NEXT, Carried, Generation
from serving.runtime.tensorrt.arena import Arena, Field, view
from serving.runtime.tensorrt.captured import Executable
from serving.runtime.tensorrt.device import Device, Replay, Wait
from serving.runtime.tensorrt.engine_tuple import Graph
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS

Table = np.ndarray[Any, Any]
Size = tuple[int, int]
Shapes = dict[str, tuple[int, ...]]
FLAG_BYTES = 256
OWN = "own_"


class TensorRtStepper:
    """The graphs of one model, captured for every batch size and input length."""

    def __init__(
        self,
        device: Device,
        encoder: tuple[Executable, Graph],
        step: tuple[Executable, Graph],
        generation: Generation,
        cross: Mapping[str, tuple[int, int]],
    ) -> None:
        """Allocate the state and capture all graphs.

        Args:
            device: The GPU.
            encoder: The encoder's engine and profiles.
            step: The step's.
            generation: How they are fed; its batches and lengths are captured.
            cross: Heads and width of each cross cache, by name.
        """
        self._device, self._generation = device, generation
        most, longest = generation.batches[-1], generation.lengths[-1]
        text = Field((most, longest), "int64")
        self._texts = Arena(device, {INPUT_IDS: text, ATTENTION_MASK: text})
        caches = {item.name: item for item in generation.carried}
        crossing = next((c.dtype for c in caches.values() if _is_cache(c)), "float32")
        self._cross = Arena(
            device,
            {
                name: Field((most, heads, longest, width), crossing)
                for name, (heads, width) in cross.items()
            },
        )
        self._small = [item for item in generation.carried if not _is_cache(item)]
        ordered = [*self._small, *(item for item in generation.carried if _is_cache(item))]
        fields = {
            item.name: Field(item.sized(most, generation.beams), item.dtype) for item in ordered
        }
        self._arenas = (Arena(device, fields), Arena(device, fields))
        self._flags = device.allocate(2 * FLAG_BYTES)
        self._said = device.pinned(2 * FLAG_BYTES)
        self._fed = device.pinned(self._texts.size)
        self._start = {batch: self._beginning(batch) for batch in generation.batches}
        self._answer = device.pinned(fields[generation.answer].size)
        self._cross_shapes = dict(cross)
        self._own = min(self._arenas[0].offsets[name] for name in caches if name.startswith(OWN))
        # Captures run the engines, over masks of ones: a softmax over nothing is NaN.
        self._fed.view("int64")[:] = 1
        device.upload(self._texts.base, self._fed)
        self._encode: dict[Size, Replay] = {}
        self._steps: dict[Size, tuple[Replay, Replay]] = {}
        for batch in generation.batches:
            for length in generation.lengths:
                self._capture(encoder, step, batch, length)
        self._size: Size = (0, 0)
        self._taken = 0
        self._pending: list[Wait] = []

    def begin(self, ids: Table, mask: Table) -> None:
        """See `Stepper`; the shape must be one that was captured.

        Caches are cleared: a place that is masked still meets a weight of zero, and zero times what
        an earlier text left there must be zero.
        """
        self._device.synchronize()
        self._size, self._taken, self._pending = (ids.shape[0], ids.shape[1]), 0, []
        for name, table in ((INPUT_IDS, ids), (ATTENTION_MASK, mask)):
            view(self._fed, self._texts.offsets[name], table.shape, "int64")[:] = table
        self._device.upload(self._texts.base, self._fed)
        first = self._arenas[0]
        self._device.clear(first.base + self._own, first.size - self._own)
        self._device.upload(first.base, self._start[len(ids)])
        self._encode[self._size]()

    def step(self) -> bool:
        """Start a step and return what the one before it said; see `Stepper`."""
        self._steps[self._size][self._taken % 2]()
        self._pending.append(self._device.mark())
        self._taken += 1
        if len(self._pending) < 2:
            return False
        self._pending.pop(0)()
        return bool(self._said[FLAG_BYTES * (self._taken % 2)])

    def answer(self) -> Table:
        """See `Stepper`."""
        generation = self._generation
        item = next(c for c in generation.carried if c.name == generation.answer)
        arena = self._arenas[self._taken % 2]
        shape = item.sized(self._size[0], generation.beams)
        table = view(self._answer, 0, shape, item.dtype)
        self._device.download(table, arena.base + arena.offsets[item.name])
        self._device.synchronize()
        return table.copy()

    def _beginning(self, batch: int) -> Table:
        """Return what the tensors that are no caches hold before the first step."""
        arena = self._arenas[0]
        last = self._small[-1]
        beams = self._generation.beams
        whole = arena.offsets[last.name] + Field(last.sized(batch, beams), last.dtype).size
        block = self._device.pinned(whole)
        for item in self._small:
            shape = item.sized(batch, beams)
            view(block, arena.offsets[item.name], shape, item.dtype)[:] = item.begin(batch, beams)
        return block

    def _capture(
        self, encoder: tuple[Executable, Graph], step: tuple[Executable, Graph],
        batch: int, length: int,
    ) -> None:  # fmt: skip
        text: Shapes = {INPUT_IDS: (batch, length), ATTENTION_MASK: (batch, length)}
        profile = encoder[1].profile(batch, length)
        bound = {**self._texts.addresses(), **self._cross.addresses()}
        self._encode[batch, length] = encoder[0].capture(profile, text, bound)

        shapes: Shapes = {ATTENTION_MASK: (batch, length)}
        for name, (heads, width) in self._cross_shapes.items():
            shapes[name] = (batch, heads, length, width)
        for item in self._generation.carried:
            shapes[item.name] = item.sized(batch, self._generation.beams)
        mask = {ATTENTION_MASK: self._texts.addresses()[ATTENTION_MASK]}
        for arena in self._arenas:
            # Captures run the step: from the first position, not on from where another ended.
            self._device.clear(arena.base, arena.size)
        both = []
        for parity in (0, 1):
            now, after = self._arenas[parity], self._arenas[1 - parity]
            flag = self._flags + parity * FLAG_BYTES
            bound = {
                **mask, **self._cross.addresses(), **now.addresses(), **after.addresses(NEXT),
                DONE: flag,
            }  # fmt: skip
            run = step[0].capture(step[1].profile(batch, length), shapes, bound)
            both.append(self._with_flag(run, flag, parity))
        self._steps[batch, length] = (both[0], both[1])

    def _with_flag(self, run: Replay, flag: int, parity: int) -> Replay:
        said = self._said[parity * FLAG_BYTES : parity * FLAG_BYTES + 1]

        def step_and_say() -> None:
            run()
            self._device.download(said, flag)

        return step_and_say


def _is_cache(item: Carried) -> bool:
    return item.name.startswith(OWN)
