"""Output ids to text. Imports no engine, so the process stays small."""

from typing import Any

from serving.runtime import Codec, load_codec
from serving.triton.parts.common import Part, refuse, respond, tensor, text_tensor


class TritonPythonModel(Part):
    """The engine's ids to the corrected text."""

    codec: Codec

    def load(self) -> None:
        """Load the tokenizer."""
        self.codec = load_codec(self.artifact)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request; one that fails, fails alone."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        (ids,), (text,) = self.input_names, self.output_names
        try:
            rows = self.codec.postprocess({ids: tensor(request, ids)})
            return respond([text_tensor(text, rows)])
        except Exception as error:  # one bad request must not fail its neighbours
            return refuse(error)
