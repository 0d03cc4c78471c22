"""Text to ids and mask, for an engine that Triton's own backend runs."""

from typing import Any

import triton_python_backend_utils as pb

from serving.triton.parts.common import each, respond
from serving.triton.parts.reader import Reader


class TritonPythonModel(Reader):
    """`TEXT`, or `LEFT` and `RIGHT`, to the tensors that the engine is fed."""

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself: the backend batches those of one length."""
        return each(requests, self._tensors, list)

    def _tensors(self, request: Any) -> Any:
        asked = self.asked(request)
        made = self.codec.preprocess(asked)
        if self.recorder:  # what Triton's own engine answers nobody here sees
            self.recorder.record(asked, None, asked.event_id)
        return respond([pb.Tensor(name, values) for name, values in made.items()])
