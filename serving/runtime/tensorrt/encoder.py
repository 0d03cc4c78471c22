"""Models with one pass over their input, under TensorRT."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.runtime.description import Description
from serving.runtime.tensorrt.arena import Arena, Field, view
from serving.runtime.tensorrt.captured import Executable
from serving.runtime.tensorrt.device import Device, Replay
from serving.runtime.tensorrt.engine_tuple import Graph, batch_sizes
from serving.runtime.tensors import Tensors

Table = np.ndarray[Any, Any]


class EncoderEngine:
    """The engine, captured for every batch size and padded length."""

    def __init__(
        self,
        device: Device,
        executable: Executable,
        graph: Graph,
        description: Description,
    ) -> None:
        """Allocate and capture."""
        self._device, self._output = device, description.output
        self._names, self._width = description.inputs, graph.width
        self._lengths = description.buckets
        self._batches = batch_sizes(max(span.batch_high for span in graph.spans))
        most = self._batches[-1]
        field = Field((most, self._lengths[-1]), "int64")
        self._inputs = Arena(device, dict.fromkeys(self._names, field))
        self._results = Arena(device, {self._output: Field((most, graph.width), "float32")})
        self._fed = device.pinned(self._inputs.size)
        self._made = device.pinned(self._results.size)
        self._fed.view("int64")[:] = 1
        device.upload(self._inputs.base, self._fed)
        addresses = {**self._inputs.addresses(), **self._results.addresses()}
        self._replays: dict[tuple[int, int], Replay] = {
            (batch, length): executable.capture(
                graph.profile(batch, length), dict.fromkeys(self._names, (batch, length)), addresses
            )
            for batch in self._batches
            for length in self._lengths
        }
        self._lock = threading.Lock()  # the buffers are one

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run the graph over the batch, in parts where it is larger than the largest captured."""
        most, count = self._batches[-1], len(tensors[self._names[0]])
        rows = [
            self._run({name: tensors[name][start : start + most] for name in self._names})
            for start in range(0, count, most)
        ]
        return {self._output: np.concatenate(rows)}

    def _run(self, tensors: Mapping[str, Table]) -> Table:
        count, wide = tensors[self._names[0]].shape
        batch = next(size for size in self._batches if size >= count)
        length = next((size for size in self._lengths if size >= wide), None)
        if length is None:
            raise ValueError(
                f"{wide} tokens are more than the engine takes ({self._lengths[-1]}):"
                " cut the text or compile for longer ones"
            )
        with self._lock:
            self._fed.view("int64")[:] = 0
            for name in self._names:
                table = view(self._fed, self._inputs.offsets[name], (batch, length), "int64")
                table[:count, :wide] = tensors[name]
                if name.endswith("mask"):
                    table[count:, 0] = 1  # a row of padding: a mean over nothing is NaN
            self._device.upload(self._inputs.base, self._fed)
            self._replays[batch, length]()
            made = view(self._made, 0, (batch, self._width), "float32")
            self._device.download(made, self._results.base)
            self._device.synchronize()
            return made[:count].copy()
