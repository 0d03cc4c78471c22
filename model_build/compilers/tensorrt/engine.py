"""From an ONNX graph to a serialised engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from model_build.compilers.contract import ImpossibleTarget
from model_build.compilers.tensorrt.api import Api
from model_build.compilers.tensorrt.profiles import Profile

WORKSPACE_BYTES = 2 << 30
UNSUPPORTED_SHOWN = 5


@dataclass(frozen=True)
class Built:
    """An engine and how it was made.

    `seconds` is the build alone, without parsing; `width` is the last size of its only output, else
    0; `timing_cache` is empty where nothing was timed.
    """

    engine: bytes
    layers: int
    seconds: float
    width: int
    timing_cache: bytes


def build(
    api: Api, graph: Path, profiles: Sequence[Profile], architecture: str, timing_cache: bytes = b""
) -> Built:
    """Build an engine; the network is strongly typed, so its precisions are the graph's own.

    Args:
        api: The TensorRT to build with.
        graph: An ONNX file.
        profiles: At least one, in the order in which a runtime numbers them.
        architecture: What it is built for, such as `sm_86`.
        timing_cache: What an earlier build measured on this GPU.

    Raises:
        ImpossibleTarget: The graph has operators that TensorRT does not know, or no engine can be
            built for the architecture here.
    """
    trt = api.trt
    log = _log(trt)
    builder = trt.Builder(log)
    network = builder.create_network(api.typed_flags)
    parser = trt.OnnxParser(network, log)
    if not parser.parse_from_file(str(graph)):
        raise ImpossibleTarget(f"{graph.name}: {_complaints(parser)}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
    api.aim(config, architecture)
    timings = _Timings(api, config, timing_cache)
    inputs = [network.get_input(index).name for index in range(network.num_inputs)]
    for profile in profiles:
        made = builder.create_optimization_profile()
        for name in inputs:
            if name in profile:
                shapes = profile[name]
                made.set_shape(name, shapes.least, shapes.best, shapes.most)
        config.add_optimization_profile(made)
    started = monotonic()
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise ImpossibleTarget(
            f"{graph.name}: {api.name} {api.version} builds no engine for {architecture}:"
            f" {'; '.join(log.errors[-UNSUPPORTED_SHOWN:]) or 'no reason given'}"
        )
    seconds = monotonic() - started
    width = int(network.get_output(0).shape[-1]) if network.num_outputs == 1 else 0
    return Built(bytes(engine), network.num_layers, seconds, max(width, 0), timings.learnt())


class _Timings:
    """What a build learns of this GPU; TensorRT-RTX picks kernels where it runs and times none."""

    def __init__(self, api: Api, config: Any, known: bytes) -> None:
        self._cache = None
        if api.name == "tensorrt":
            # What was measured on another GPU is not taken: then it starts with nothing.
            made = (config.create_timing_cache(content) for content in (known, b""))
            self._cache = next(
                cache
                for cache in made
                if cache is not None and config.set_timing_cache(cache, ignore_mismatch=False)
            )

    def learnt(self) -> bytes:
        return bytes(self._cache.serialize()) if self._cache is not None else b""


def _complaints(parser: Any) -> str:
    """Return what the parser could not read, by operator."""
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    shown = [
        f"{error.node_operator()} ({error.node_name()}): {error.desc()}"
        for error in errors[:UNSUPPORTED_SHOWN]
    ]
    more = f" and {len(errors) - len(shown)} more" if len(errors) > len(shown) else ""
    return f"TensorRT cannot read it: {'; '.join(shown)}{more}"


def _log(trt: Any) -> Any:
    class Log(trt.ILogger):  # type: ignore[misc]
        """Keeps errors for the exception and lets the rest go."""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.errors: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                self.errors.append(message)

    return Log()
