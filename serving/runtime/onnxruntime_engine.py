"""Encoders under ONNX Runtime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnxruntime as ort

from serving.runtime.description import CorruptArtifact
from serving.runtime.loading import Ports
from serving.runtime.tensors import Tensors

FILE_NAME = "model.onnx"
# On CPUs the fused kernel takes several times as long as what it would replace.
_SLOWER = ["SkipLayerNormFusion"]


class OnnxRuntimeEngine:
    """One session; `infer` may be called from several threads."""

    def __init__(self, session: ort.InferenceSession, ports: Ports) -> None:
        """Keep the session and the names of its tensors."""
        self._session = session
        self._inputs = ports.inputs
        self._outputs = ports.outputs

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run the graph once over the batch."""
        feed = {name: tensors[name] for name in self._inputs}
        found = self._session.run(self._outputs, feed)
        return dict(zip(self._outputs, found, strict=True))


def load(directory: Path, ports: Ports, threads: int) -> OnnxRuntimeEngine:
    """Open `model.onnx` on the CPU with that many threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Idle threads that spin steal the cores from the other models of the same server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    path = directory / FILE_NAME
    try:
        session = ort.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
        )
    except Exception as error:  # the binding raises its own unrelated types
        raise CorruptArtifact(f"{path}: ONNX Runtime cannot load it ({error})") from error
    return OnnxRuntimeEngine(session, ports)
