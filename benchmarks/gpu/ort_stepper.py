"""The step graphs under ONNX Runtime with the state kept on the device by IO binding."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from serving.runtime.generation.onnxruntime_stepper import ENCODER, STEP
from serving.runtime.generation.state import DONE, NEXT, Generation
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS

Table = np.ndarray[Any, Any]
PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}


class OrtStepper:
    """Two sessions; what goes from step to step stays where it is."""

    def __init__(self, folder: Path, generation: Generation, device: str) -> None:
        """Open both graphs on a device.

        Raises:
            RuntimeError: This ONNX Runtime was not built for the device.
        """
        provider = PROVIDERS[device]
        if provider not in ort.get_available_providers():
            raise RuntimeError(f"this onnxruntime has no {provider}: install onnxruntime-gpu")
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self._encoder, self._step_graph = (
            ort.InferenceSession(str(folder / name), options, providers=[provider])
            for name in (ENCODER, STEP)
        )
        self._generation, self._device = generation, device
        self._constant: dict[str, Any] = {}
        self._state: dict[str, Any] = {}

    def begin(self, ids: Table, mask: Table) -> None:
        """See `Stepper`."""
        fed = {INPUT_IDS: self._move(ids), ATTENTION_MASK: self._move(mask)}
        names = [name for name in self._generation.constant if name != ATTENTION_MASK]
        made = self._run(self._encoder, fed, names)
        self._constant = {ATTENTION_MASK: fed[ATTENTION_MASK], **made}
        self._state = {
            item.name: self._move(item.begin(len(ids), self._generation.beams))
            for item in self._generation.carried
        }

    def step(self) -> bool:
        """See `Stepper`."""
        names = [DONE, *(f"{name}{NEXT}" for name in self._state)]
        made = self._run(self._step_graph, {**self._constant, **self._state}, names)
        self._state = {name: made[f"{name}{NEXT}"] for name in self._state}
        return bool(made[DONE].numpy()[0])

    def answer(self) -> Table:
        """See `Stepper`."""
        table: Table = self._state[self._generation.answer].numpy()
        return table

    def _move(self, table: Table) -> Any:
        return ort.OrtValue.ortvalue_from_numpy(table, self._device, 0)

    def _run(self, session: Any, fed: dict[str, Any], names: list[str]) -> dict[str, Any]:
        binding = session.io_binding()
        for name, value in fed.items():
            binding.bind_ortvalue_input(name, value)
        for name in names:
            binding.bind_output(name, self._device)
        session.run_with_iobinding(binding)
        return dict(zip(names, binding.get_outputs(), strict=True))
