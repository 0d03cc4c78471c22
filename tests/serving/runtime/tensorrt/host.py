"""A device whose memory is the host's, and a TensorRT whose engines are ONNX Runtime's.

Work is queued and done only when someone waits, as on a GPU: a host that reads too early reads what
was there before.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime as ort

DTYPES = {
    "tensor(int64)": np.int64, "tensor(bool)": np.bool_,
    "tensor(float)": np.float32, "tensor(float16)": np.float16,
}  # fmt: skip


class HostDevice:
    stream = 1
    architecture = "sm_86"

    def __init__(self) -> None:
        self._kept: list[np.ndarray] = []
        self._queue: list[Callable[[], None]] = []
        self._recorded: list[Callable[[], None]] | None = None
        self.executions = 0

    def allocate(self, size: int) -> int:
        address = self.pinned(size).ctypes.data
        self.clear(address, size)
        return address

    def pinned(self, size: int) -> np.ndarray:
        block = np.full(size, 0xA5, np.uint8)  # what was not written is rubbish
        self._kept.append(block)
        return block

    def clear(self, address: int, size: int) -> None:
        self.enqueue(lambda: ctypes.memset(address, 0, size) and None)

    def upload(self, address: int, host: np.ndarray) -> None:
        self.enqueue(lambda: ctypes.memmove(address, host.ctypes.data, host.nbytes) and None)

    def download(self, host: np.ndarray, address: int) -> None:
        self.enqueue(lambda: ctypes.memmove(host.ctypes.data, address, host.nbytes) and None)

    def enqueue(self, work: Callable[[], None]) -> None:
        (self._queue if self._recorded is None else self._recorded).append(work)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        self._recorded = []
        work()
        recorded, self._recorded = self._recorded, None
        return lambda: self._queue.extend(recorded)

    def mark(self) -> Callable[[], None]:
        asked = list(self._queue)
        return lambda: self._run(asked)

    def synchronize(self) -> None:
        self._run(list(self._queue))

    def _run(self, asked: list[Callable[[], None]]) -> None:
        for work in asked:
            if self._queue and self._queue[0] is work:
                self._queue.pop(0)()


class Engine:
    """An ONNX graph behind the part of TensorRT's interface that the runtime uses."""

    device_memory_size_v2 = 1000

    def __init__(self, graph: Path, device: HostDevice) -> None:
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self.session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.device = device
        self.types = {
            item.name: DTYPES[item.type]
            for item in (*self.session.get_inputs(), *self.session.get_outputs())
        }

    def get_tensor_shape(self, name: str) -> list[int]:
        found = {i.name: i for i in (*self.session.get_inputs(), *self.session.get_outputs())}
        return [size if isinstance(size, int) else -1 for size in found[name].shape]

    def create_execution_context(self, _strategy: object) -> "Context":
        return Context(self)


class Context:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}

    def set_device_memory(self, address: int, size: int) -> None:
        assert address
        assert size >= self._engine.device_memory_size_v2

    def set_optimization_profile_async(self, profile: int, stream: int) -> bool:
        return profile >= 0 and stream == self._engine.device.stream

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self._shapes[name] = shape
        return True

    def set_tensor_address(self, name: str, address: int) -> None:
        assert name in self._engine.types, f"{name} is no tensor of this engine"
        self._addresses[name] = address

    def execute_async_v3(self, _stream: int) -> bool:
        self._engine.device.enqueue(self._execute)
        return True

    def _execute(self) -> None:
        engine = self._engine
        engine.device.executions += 1
        fed = {name: self._at(name, shape).copy() for name, shape in self._shapes.items()}
        names = [item.name for item in engine.session.get_outputs()]
        for name, made in zip(names, engine.session.run(names, fed), strict=True):
            self._at(name, made.shape)[...] = made

    def _at(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        dtype = np.dtype(self._engine.types[name])
        size = int(np.prod(shape)) * dtype.itemsize
        raw = (ctypes.c_uint8 * size).from_address(self._addresses[name])
        return np.ctypeslib.as_array(raw).view(dtype).reshape(shape)


def tensorrt() -> SimpleNamespace:
    return SimpleNamespace(
        ExecutionContextAllocationStrategy=SimpleNamespace(USER_MANAGED=1), __version__="10.13.3.9"
    )
