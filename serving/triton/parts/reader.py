"""The part that reads what a caller asked; one in an archive, so it also counts for its model."""

import os
from typing import Any

import triton_python_backend_utils as pb

from serving.runtime import Codec, load_codec
from serving.runtime.capture import Recorder, recorder_of
from serving.runtime.tensors import Tensors
from serving.triton.parts import deadline, meter
from serving.triton.parts.common import Part, Table, each, respond, shares, text_tensor, texts


class Asked(list[Any]):
    """A request's rows, with the name that its caller gave it; empty for none."""

    event_id: str = ""


class Reader(Part):
    """Takes `TEXT`, or `LEFT` and `RIGHT`; imports no engine, so its process stays small."""

    codec: Codec
    counts: meter.Meter | None = None
    recorder: Recorder | None = None

    def load(self) -> None:
        """Load the tokenizer and run it once; the first process begins to count."""
        self.codec = load_codec(self.artifact)
        self.recorder = recorder_of(self.artifact, os.environ)
        self.codec.preprocess([("warm", "up") if len(self.input_names) > 1 else "warm up"])
        if self.first:
            self.counts = meter.begin(self.codec.description.name, self.artifact.parents[2])

    def finalize(self) -> None:
        """Say what was counted since the last time, write what was captured."""
        if self.counts:
            self.counts.stop()
        if self.recorder:
            self.recorder.close()

    def asked(self, request: Any) -> Asked:
        """Return a request's rows: texts, or pairs of them.

        Raises:
            TooLate: Its caller has stopped waiting.
            InvalidRequest: A tensor is missing, empty, or not text.
        """
        deadline.check(request)
        columns = [texts(request, name) for name in self.input_names]
        asked = Asked(columns[0] if len(columns) == 1 else zip(*columns, strict=True))
        asked.event_id = request.request_id()
        return asked

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer all that Triton batched in one computation; what is malformed fails alone."""
        return each(requests, self.asked, self._answers)

    def compute(self, tensors: Tensors) -> Table:
        """Return a row of the answer for each row that was asked."""
        raise NotImplementedError

    def answers(self, questions: list[Any]) -> Table | list[str]:
        """Return the answer of each row: numbers, or text."""
        return self.compute(self.codec.preprocess(questions))

    def _answers(self, asked: list[Asked]) -> list[Any]:
        found = self.answers([row for rows in asked for row in rows])
        tensor = text_tensor if isinstance(found, list) else pb.Tensor
        name, cut = self.output_names[0], shares(found, [len(a) for a in asked])
        if self.recorder:
            for question, own in zip(asked, cut, strict=True):
                self.recorder.record(question, list(own), question.event_id)
        return [respond([tensor(name, own)]) for own in cut]
