"""The last look at the clock, after an engine that Triton's own backend ran.

Requests wait in that backend's queue, which keeps no deadlines: what is late there is refused here.
"""

from typing import Any

import triton_python_backend_utils as pb

from serving.triton.parts import deadline
from serving.triton.parts.common import Part, each, respond, tensor


class TritonPythonModel(Part):
    """Passes on what was made in time."""

    def load(self) -> None:
        """Load nothing."""

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request by itself."""
        return each(requests, self._in_time, list)

    def _in_time(self, request: Any) -> Any:
        deadline.check(request)
        return respond([pb.Tensor(self.output_names[0], tensor(request, self.input_names[0]))])
