"""An engine's execution in one shape, captured as a CUDA graph.

A captured graph keeps shapes and addresses; changing its context afterwards is undefined. So every
(shape, addresses) has a context of its own, and all share one block of scratch memory, since they
run one after the other in one stream.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serving.runtime.description import CorruptArtifact
from serving.runtime.tensorrt.device import Device, Replay

WARM_UPS = 2


class Executable:
    """One deserialised engine."""

    def __init__(self, trt: Any, engine: Any, device: Device) -> None:
        """Take an engine; its scratch memory is allocated once."""
        self._engine, self._device = engine, device
        self._strategy = trt.ExecutionContextAllocationStrategy.USER_MANAGED
        self._size = max(int(engine.device_memory_size_v2), 256)
        self._scratch = device.allocate(self._size)
        self._contexts: list[Any] = []

    def capture(
        self, profile: int, shapes: Mapping[str, tuple[int, ...]], addresses: Mapping[str, int]
    ) -> Replay:
        """Return a call that runs the engine again in these shapes, on these addresses.

        Args:
            profile: The optimisation profile that holds the shapes.
            shapes: Of every input.
            addresses: Of every input and output.

        Raises:
            ValueError: The engine does not take the shapes.
        """
        context = self._engine.create_execution_context(self._strategy)
        context.set_device_memory(self._scratch, self._size)
        if not context.set_optimization_profile_async(profile, self._device.stream):
            raise ValueError(f"profile {profile}: TensorRT does not take it")
        for name, shape in shapes.items():
            if not context.set_input_shape(name, shape):
                raise ValueError(f"{name}: shape {shape} is not in profile {profile}")
        for name, address in addresses.items():
            context.set_tensor_address(name, address)

        def run() -> None:
            if not context.execute_async_v3(self._device.stream):
                raise RuntimeError("TensorRT did not run; its log says why")

        # The first runs load kernels and may not be captured.
        for _ in range(WARM_UPS):
            run()
        self._device.synchronize()
        self._contexts.append(context)
        return self._device.capture(run)


def deserialise(trt: Any, path: Path) -> Any:
    """Return the engine of a file.

    Raises:
        CorruptArtifact: TensorRT does not take it.
    """
    engine = trt.Runtime(trt.Logger(trt.Logger.ERROR)).deserialize_cuda_engine(path.read_bytes())
    if engine is None:
        raise CorruptArtifact(f"{path}: TensorRT {trt.__version__} cannot load it; build it again")
    return engine
