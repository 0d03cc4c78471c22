"""Business logic in the middle of a seq2seq model: asks the engine's part for the output ids.

All requests that Triton hands over are asked for at once, so that the engine's own scheduler may
batch them; a deadline goes with them.
"""

import asyncio
import json
from typing import Any

import triton_python_backend_utils as pb

from serving.runtime import Description, read_description
from serving.triton.parts import deadline
from serving.triton.parts.common import Part, refuse, respond, tensor


class TritonPythonModel(Part):
    """Ids and mask to output ids, by way of `NAME--model`."""

    description: Description
    engine: str

    def load(self) -> None:
        """Remember whom to ask; the ensemble's last step has Triton load and unload it."""
        self.description = read_description(self.artifact)
        self.engine = self.artifact.parents[1].name

    async def execute(self, requests: list[Any]) -> list[Any]:
        """Ask for all requests at once and answer each."""
        return list(await asyncio.gather(*(self._answer(request) for request in requests)))

    async def _answer(self, request: Any) -> Any:
        try:
            deadline.check(request)
            inputs = [pb.Tensor(name, tensor(request, name)) for name in self.input_names]
            answer = await pb.InferenceRequest(
                model_name=self.engine,
                requested_output_names=[self.description.output],
                inputs=inputs,
                parameters=json.loads(request.parameters() or "{}"),
            ).async_exec()
            if answer.has_error():
                raise RuntimeError(f"{self.engine}: {answer.error().message()}")
            ids = pb.get_output_tensor_by_name(answer, self.description.output).as_numpy()
            return respond([pb.Tensor(self.description.output, ids)])
        except Exception as error:  # one bad request must not fail its neighbours
            return refuse(error)
