"""Business logic in front of a seq2seq model: text to ids, and the engine's part asked for more.

What Triton batched goes to the engine as one request: asked for one by one, each would cost an
event loop's turn and a thread's (half of the time that serving added).
"""

import triton_python_backend_utils as pb

from serving.runtime.tensors import Tensors
from serving.triton.parts.common import Table
from serving.triton.parts.reader import Reader


class TritonPythonModel(Reader):
    """Text to output ids, by way of `NAME--model`."""

    engine: str

    def load(self) -> None:
        """Remember whom to ask; the ensemble's last step has Triton load and unload it."""
        super().load()
        self.recorder = None  # these are ids: the ensemble's last step sees the text
        self.engine = self.artifact.parents[1].name

    def compute(self, tensors: Tensors) -> Table:
        """Ask the engine's part."""
        output = self.codec.description.output
        answer = pb.InferenceRequest(
            model_name=self.engine,
            requested_output_names=[output],
            inputs=[pb.Tensor(name, values) for name, values in tensors.items()],
        ).exec()
        if answer.has_error():
            raise RuntimeError(f"{self.engine}: {answer.error().message()}")
        ids: Table = pb.get_output_tensor_by_name(answer, output).as_numpy()
        return ids
