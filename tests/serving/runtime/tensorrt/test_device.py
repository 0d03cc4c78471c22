"""What is asked of CUDA, in which stream; its runtime is a stand-in over the host's memory."""

import ctypes
import sys
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from serving.runtime.tensorrt.device import Cuda

DEFAULT, OURS = 0, 7


class Runtime(SimpleNamespace):
    """Streams that know nothing of each other: work waits in each until somebody asks for it."""

    def __init__(self) -> None:
        super().__init__(
            cudaStreamNonBlocking=1,
            cudaMemcpyKind=SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2),
            cudaMallocHost=self.cudaMalloc,
        )
        self.waiting: dict[int, list[Callable[[], object]]] = defaultdict(list)
        self.blocks: list[np.ndarray] = []

    def cudaStreamCreateWithFlags(self, _flags):
        return 0, OURS

    def cudaMalloc(self, size):
        self.blocks.append(np.full(size, 0xA5, np.uint8))
        return 0, self.blocks[-1].ctypes.data

    def cudaMemset(self, address, value, size):
        return self.cudaMemsetAsync(address, value, size, DEFAULT)

    def cudaMemsetAsync(self, address, value, size, stream):
        self.waiting[stream].append(lambda: ctypes.memset(address, value, size))
        return (0,)

    def cudaMemcpyAsync(self, to, source, size, _kind, stream):
        self.waiting[stream].append(lambda: ctypes.memmove(to, source, size))
        return (0,)

    def cudaStreamSynchronize(self, stream):
        waiting = self.waiting[stream]
        while waiting:
            waiting.pop(0)()
        return (0,)


@pytest.fixture
def runtime(monkeypatch):
    made = Runtime()
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", made)
    return made


def test_memory_is_zero_before_what_is_asked_next_and_never_after(runtime):
    device = Cuda()
    address = device.allocate(8)
    sent, received = device.pinned(4), device.pinned(8)
    sent[:] = 9

    device.upload(address, sent)
    device.download(received, address)
    device.synchronize()

    assert received.tolist() == [9] * 4 + [0] * 4
    runtime.cudaStreamSynchronize(DEFAULT)  # whenever another stream gets to its work
    device.download(received, address)
    device.synchronize()
    assert received.tolist() == [9] * 4 + [0] * 4
