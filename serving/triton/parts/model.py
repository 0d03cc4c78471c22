"""The engine: several requests in, one padded batch through the compiled graph, rows back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import triton_python_backend_utils as pb

from serving.runtime import Codec, Description, Engine, load_codec, load_engine, read_description
from serving.triton.parts import deadline
from serving.triton.parts.common import Part, refuse, respond, tensor, text_tensor, texts

Table = np.ndarray[Any, Any]

GENERATED_IDS = "generated_ids"
ASKED = "TEXT"
WARM_UP_LENGTH = 8
WARM_UP_RUNS = 3


class TritonPythonModel(Part):
    """Runs `serving.runtime`'s engine on what `tokenize` made.

    A seq2seq part has a second kind of request, `generated_ids` to text: being the ensemble's last
    step makes it a member, which Triton loads and unloads with the ensemble.
    """

    description: Description
    engine: Engine
    codec: Codec | None

    def load(self) -> None:
        """Load the engine with the configured threads and run it on each padded length it knows."""
        threads = int(self.config["parameters"]["threads"]["string_value"])
        self.description = read_description(self.artifact)
        self.engine = load_engine(self.artifact, threads=threads)
        self.codec = load_codec(self.artifact) if GENERATED_IDS in self.input_names else None
        for length in self.description.buckets or (WARM_UP_LENGTH,):
            blank = {name: np.ones((1, length), np.int64) for name in self.description.inputs}
            for _ in range(WARM_UP_RUNS):
                self.engine.infer(blank)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer what Triton batched: texts one by one, the rest in one call of the engine."""
        answers: dict[int, Any] = {}
        asked = []
        for number, request in enumerate(requests):
            generated = pb.get_input_tensor_by_name(request, GENERATED_IDS)
            try:
                deadline.check(request)
            except deadline.TooLate as error:
                answers[number] = refuse(error)
                continue
            if generated is None:
                asked.append(number)
            else:
                answers[number] = self._text(request, generated.as_numpy())
        rows = self._rows([requests[number] for number in asked])
        answers |= dict(zip(asked, rows, strict=True))
        return [answers[number] for number in range(len(requests))]

    def _text(self, request: Any, ids: Table) -> Any:
        try:
            assert self.codec is not None
            # What the model could not read whole comes back as it was asked.
            asked = texts(request, ASKED)
            rows = self.codec.postprocess({self.description.output: ids}, asked)
            return respond([text_tensor(self.output_names[-1], rows)])
        except Exception as error:  # one bad request must not fail its neighbours
            return refuse(error)

    def _rows(self, requests: list[Any]) -> list[Any]:
        """Run the engine once; its failure fails all of them."""
        if not requests:
            return []
        names, output = self.description.inputs, self.description.output
        try:
            sent = [{name: tensor(request, name) for name in names} for request in requests]
            rows = self.engine.infer(joined(sent))[output]
        except Exception as error:  # Triton must get an answer to every request
            return [refuse(error) for _ in requests]
        sizes = [len(tensors[names[0]]) for tensors in sent]
        return [respond([pb.Tensor(output, share)]) for share in shares(rows, sizes)]


def joined(sent: Sequence[Mapping[str, Table]]) -> dict[str, Table]:
    """Stack requests of unequal width, filled up with zeros, which their attention masks hide."""
    width = max(table.shape[1] for tensors in sent for table in tensors.values())
    return {
        name: np.concatenate([_widened(tensors[name], width) for tensors in sent])
        for name in sent[0]
    }


def shares(rows: Table, sizes: Sequence[int]) -> list[Table]:
    """Cut rows into each request's share."""
    return np.split(rows, np.cumsum(sizes)[:-1])


def _widened(table: Table, width: int) -> Table:
    missing = width - table.shape[1]
    return np.pad(table, ((0, 0), (0, missing))) if missing else table
