"""Encoders under OpenVINO."""

import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from serving.runtime.description import CorruptArtifact, Description
from serving.runtime.tensors import Tensors

# Importing openvino would report its use over the network; without this package it does not.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
openvino: Any = import_module("openvino")

FILE_NAME = "model.xml"
# Half as wide as float32 and with its range: what AMX multiplies.
_NARROW = "bf16"
CPU = Path("/proc/cpuinfo")


class OpenVinoEngine:
    """One compiled model, one request per calling thread: a request is not shared."""

    def __init__(self, model: Any, description: Description) -> None:
        """Keep the compiled model and the names that it must be fed."""
        self._model = model
        self._inputs = description.inputs
        self._output = description.output
        self._local = threading.local()

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run the graph once over the batch."""
        if not hasattr(self._local, "request"):
            self._local.request = self._model.create_infer_request()
        outputs = self._local.request.infer({name: tensors[name] for name in self._inputs})
        return {self._output: np.array(outputs[self._output])}


def load(directory: Path, description: Description, threads: int) -> OpenVinoEngine:
    """Compile `model.xml` for the CPU with that many threads, in the arithmetic it was gated in.

    CPUs with AMX would else run float32 models in bfloat16. On those that do not multiply it, it is
    emulated and takes twenty times as long, although OpenVINO calls all of AVX-512 capable: there
    its models run in float32, which is only more exact.
    """
    path = directory / FILE_NAME
    core = openvino.Core()
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": (
            _NARROW if description.precision == _NARROW and _multiplies_halves() else "f32"
        ),
    }
    try:
        model = core.compile_model(str(path), "CPU", settings)
    except RuntimeError as error:
        raise CorruptArtifact(f"{path}: OpenVINO cannot load it ({error})") from error
    return OpenVinoEngine(model, description)


def _multiplies_halves() -> bool:
    flags = CPU.read_text(encoding="utf-8")
    return "amx_bf16" in flags or "avx512_bf16" in flags
