"""Text to ids and mask. Imports no engine, so the process stays small."""

from typing import Any

import triton_python_backend_utils as pb

from serving.runtime import Codec, load_codec
from serving.triton.parts import deadline, meter
from serving.triton.parts.common import Part, refuse, respond, texts


class TritonPythonModel(Part):
    """`TEXT`, or `LEFT` and `RIGHT`, to the tensors that the engine is fed."""

    codec: Codec
    counts: meter.Meter | None

    def load(self) -> None:
        """Load the tokenizer and run it once."""
        self.codec = load_codec(self.artifact)
        name = self.codec.description.name
        self.counts = meter.from_environment(name, self.artifact.parents[2])
        if self.counts:
            self.counts.start()
        self.codec.preprocess([("warm", "up") if len(self.input_names) > 1 else "warm up"])

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request; one that is malformed fails alone."""
        return [self._answer(request) for request in requests]

    def finalize(self) -> None:
        """Say what was counted since the last time."""
        if self.counts:
            self.counts.stop()

    def _answer(self, request: Any) -> Any:
        try:
            deadline.check(request)
            columns = [texts(request, name) for name in self.input_names]
            rows = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
            made = self.codec.preprocess(rows)
            return respond([pb.Tensor(name, values) for name, values in made.items()])
        except Exception as error:  # one bad request must not fail its neighbours
            return refuse(error)
