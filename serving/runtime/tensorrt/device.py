"""What the engines ask of a GPU, and how CUDA answers.

Never run by the project's own tests, which have no GPU: they drive everything above `Device` with
one whose memory is the host's.
"""

import ctypes
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

import numpy as np

Table = np.ndarray[Any, Any]
Replay = Callable[[], None]
Wait = Callable[[], None]


class Device(Protocol):
    """Memory, copies and captured work in one order."""

    stream: int

    def allocate(self, size: int) -> int:
        """Return the address of that many bytes, zero to all that is asked after."""

    def pinned(self, size: int) -> Table:
        """Return uint8 host memory that copies need not wait for."""

    def clear(self, address: int, size: int) -> None:
        """Set bytes to zero."""

    def upload(self, address: int, host: Table) -> None:
        """Copy a pinned table to the device; the host may not touch it until `synchronize`."""

    def download(self, host: Table, address: int) -> None:
        """Copy from the device into a pinned table."""

    def capture(self, work: Callable[[], None]) -> Replay:
        """Record what `work` asks of the device and return a call that does it again."""

    def mark(self) -> Wait:
        """Return a call that waits until all that was asked so far is done."""

    def synchronize(self) -> None:
        """Wait until everything asked is done."""


class CudaError(Exception):
    """CUDA refused; the message has its own words."""


class Cuda:
    """One GPU through `cuda.bindings.runtime`, in one stream."""

    def __init__(self) -> None:
        """Open the first GPU that this process may see."""
        self._cuda: Any = import_module("cuda.bindings.runtime")
        kind = self._cuda.cudaStreamNonBlocking
        self._stream = self._ask("cudaStreamCreateWithFlags", kind)
        self.stream = int(self._stream)
        self._kept: list[Any] = []

    @property
    def architecture(self) -> str:
        """Return the GPU's architecture, such as `sm_86`."""
        kinds = self._cuda.cudaDeviceAttr
        major = self._ask("cudaDeviceGetAttribute", kinds.cudaDevAttrComputeCapabilityMajor, 0)
        minor = self._ask("cudaDeviceGetAttribute", kinds.cudaDevAttrComputeCapabilityMinor, 0)
        return f"sm_{major}{minor}"

    def allocate(self, size: int) -> int:
        """See `Device`."""
        address = int(self._ask("cudaMalloc", size))
        # cudaMemset would run in the default stream, which this one does not wait for.
        self.clear(address, size)
        return address

    def pinned(self, size: int) -> Table:
        """See `Device`."""
        address = int(self._ask("cudaMallocHost", size))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def clear(self, address: int, size: int) -> None:
        """See `Device`."""
        self._ask("cudaMemsetAsync", address, 0, size, self._stream)

    def upload(self, address: int, host: Table) -> None:
        """See `Device`."""
        self._copy(address, host.ctypes.data, host.nbytes, "cudaMemcpyHostToDevice")

    def download(self, host: Table, address: int) -> None:
        """See `Device`."""
        self._copy(host.ctypes.data, address, host.nbytes, "cudaMemcpyDeviceToHost")

    def capture(self, work: Callable[[], None]) -> Replay:
        """See `Device`."""
        modes = self._cuda.cudaStreamCaptureMode
        self._ask("cudaStreamBeginCapture", self._stream, modes.cudaStreamCaptureModeThreadLocal)
        try:
            work()
        finally:
            graph = self._ask("cudaStreamEndCapture", self._stream)
        made = self._ask("cudaGraphInstantiate", graph, 0)
        self._kept += [graph, made]

        def replay() -> None:
            self._ask("cudaGraphLaunch", made, self._stream)

        return replay

    def mark(self) -> Wait:
        """See `Device`."""
        event = self._ask("cudaEventCreateWithFlags", self._cuda.cudaEventDisableTiming)
        self._ask("cudaEventRecord", event, self._stream)

        def wait() -> None:
            self._ask("cudaEventSynchronize", event)
            self._ask("cudaEventDestroy", event)

        return wait

    def synchronize(self) -> None:
        """See `Device`."""
        self._ask("cudaStreamSynchronize", self._stream)

    def _copy(self, to: int, source: int, size: int, kind: str) -> None:
        kinds = self._cuda.cudaMemcpyKind
        self._ask("cudaMemcpyAsync", to, source, size, getattr(kinds, kind), self._stream)

    def _ask(self, name: str, *arguments: Any) -> Any:
        """Call a function of the runtime and return its one result, if it has one.

        Raises:
            CudaError: It failed.
        """
        error, *results = getattr(self._cuda, name)(*arguments)
        if int(error):
            raise CudaError(f"{name}: {error.name}")
        return results[0] if results else None
