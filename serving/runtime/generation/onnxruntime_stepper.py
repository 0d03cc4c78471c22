"""Encoder and steps under ONNX Runtime on the CPU."""

from pathlib import Path
from typing import Any

import onnxruntime as ort

from serving.runtime.description import CorruptArtifact, Description
from serving.runtime.generation.loop import GenerationEngine, Table
from serving.runtime.generation.state import DONE, NEXT, Generation, read_generation
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS

ENCODER, STEP = "encoder.onnx", "step.onnx"


class OnnxRuntimeStepper:
    """Two sessions and the state between two steps."""

    def __init__(self, encoder: Any, step: Any, generation: Generation) -> None:
        """Take both sessions."""
        self._encoder, self._step, self.generation = encoder, step, generation
        self._names = [DONE, *(f"{item.name}{NEXT}" for item in generation.carried)]
        self._constant: dict[str, Table] = {}
        self._state: dict[str, Table] = {}

    def begin(self, ids: Table, mask: Table) -> None:
        """See `Stepper`."""
        fed = {INPUT_IDS: ids, ATTENTION_MASK: mask}
        names = [name for name in self.generation.constant if name != ATTENTION_MASK]
        made = self._encoder.run(names, fed)
        self._constant = {ATTENTION_MASK: mask, **dict(zip(names, made, strict=True))}
        self._state = {
            item.name: item.begin(len(ids), self.generation.beams)
            for item in self.generation.carried
        }

    def step(self) -> bool:
        """See `Stepper`."""
        done, *after = self._step.run(self._names, {**self._constant, **self._state})
        self._state = dict(zip(self._state, after, strict=True))
        return bool(done[0])

    def answer(self) -> Table:
        """See `Stepper`."""
        return self._state[self.generation.answer]


def load(directory: Path, description: Description, threads: int) -> GenerationEngine:
    """Open both graphs on the CPU with that many threads."""
    runs = stepper(directory, threads)
    return GenerationEngine(runs, runs.generation, description)


def stepper(directory: Path, threads: int) -> OnnxRuntimeStepper:
    """Open both graphs without the loop that drives them."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    generation = read_generation(directory)
    encoder, step = (_session(directory / name, options) for name in (ENCODER, STEP))
    return OnnxRuntimeStepper(encoder, step, generation)


def _session(path: Path, options: ort.SessionOptions) -> ort.InferenceSession:
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises its own unrelated types
        raise CorruptArtifact(f"{path}: ONNX Runtime cannot load it ({error})") from error
