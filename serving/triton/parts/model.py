"""The engine: several requests in, one padded batch through the compiled graph, rows back.

It reads texts itself: tokenising takes a tenth of the time that one more process on a request's way
does. A seq2seq's whose loop we drive is asked for ids by `drive`, and for text by the ensemble.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import triton_python_backend_utils as pb

from serving.runtime import Engine, load_codec, load_engine
from serving.runtime.awake import Awake
from serving.runtime.capture import recorder_of
from serving.runtime.tensors import INPUT_IDS, Tensors
from serving.triton.parts import deadline
from serving.triton.parts.common import Table, each, respond, shares, tensor, text_tensor, texts
from serving.triton.parts.reader import Reader

GENERATED_IDS = "generated_ids"
ASKED = "TEXT"
WARM_UP_LENGTH = 8
WARM_UP_RUNS = 3


class TritonPythonModel(Reader):
    """Runs `serving.runtime`'s engine.

    A driven part has a second kind of request, `generated_ids` to text: being the ensemble's last
    step makes it a member, which Triton loads and unloads with the ensemble.
    """

    engine: Engine
    awake: Awake
    driven: bool

    def load(self) -> None:
        """Load the engine with the configured threads and run it on each padded length it knows."""
        self.driven = INPUT_IDS in self.input_names
        if self.driven:
            self.codec = load_codec(self.artifact)  # `drive` reads, and counts
            self.recorder = recorder_of(self.artifact, os.environ)
        else:
            super().load()
        threads = int(self.config["parameters"]["threads"]["string_value"])
        self.awake = Awake.of(os.environ, threads)
        self.engine = load_engine(self.artifact, threads=threads)
        description = self.codec.description
        for length in description.buckets or (WARM_UP_LENGTH,):
            blank: Tensors = {n: np.ones((1, length), np.int64) for n in description.inputs}
            for _ in range(WARM_UP_RUNS):
                self.compute(blank)

    def finalize(self) -> None:
        """End what runs beside the engine."""
        self.awake.close()
        super().finalize()

    def compute(self, tensors: Tensors) -> Table:
        """Run the engine."""
        rows: Table = self.engine.infer(tensors)[self.codec.description.output]
        return rows

    def answers(self, questions: list[Any]) -> Table | list[str]:
        """Return text where the model writes it: what was asked where it could not read all."""
        rows = self.compute(self.codec.preprocess(questions))
        description = self.codec.description
        if description.task != "seq2seq":
            return rows
        return self.codec.postprocess({description.output: rows}, questions)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer what Triton batched, of either kind."""
        self.awake.poke()
        if not self.driven:
            return super().execute(requests)
        ends = [pb.get_input_tensor_by_name(request, GENERATED_IDS) for request in requests]
        texts_of = [request for request, end in zip(requests, ends, strict=True) if end]
        ids_of = [request for request, end in zip(requests, ends, strict=True) if not end]
        text, ids = iter(each(texts_of, self._text, list)), iter(each(ids_of, self._fed, self._ids))
        return [next(text if end else ids) for end in ends]

    def _text(self, request: Any) -> Any:
        # What the model could not read whole comes back as it was asked.
        deadline.check(request)
        made = {self.codec.description.output: tensor(request, GENERATED_IDS)}
        asked = texts(request, ASKED)
        rows = self.codec.postprocess(made, asked)
        if self.recorder:
            self.recorder.record(asked, rows, request.request_id())
        return respond([text_tensor(self.output_names[-1], rows)])

    def _fed(self, request: Any) -> dict[str, Table]:
        return {name: tensor(request, name) for name in self.codec.description.inputs}

    def _ids(self, fed: list[dict[str, Table]]) -> list[Any]:
        rows = self.compute(joined(fed))
        sizes = [len(tensors[INPUT_IDS]) for tensors in fed]
        return [respond([pb.Tensor(self.output_names[0], own)]) for own in shares(rows, sizes)]


def joined(sent: Sequence[Mapping[str, Table]]) -> dict[str, Table]:
    """Stack requests of unequal width, filled up with zeros, which their attention masks hide."""
    width = max(table.shape[1] for tensors in sent for table in tensors.values())
    return {
        name: np.concatenate([_widened(tensors[name], width) for tensors in sent])
        for name in sent[0]
    }


def _widened(table: Table, width: int) -> Table:
    missing = width - table.shape[1]
    return np.pad(table, ((0, 0), (0, missing))) if missing else table
