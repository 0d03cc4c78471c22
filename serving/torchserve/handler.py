"""TorchServe's handler for one classifier: initialize, preprocess, inference, postprocess.

A request is text (`text` or `body`) or an image (`image` or `body`); the answer is
`{"model", "label", "probabilities"}`. A malformed request of a batch is answered 400 alone.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serving import built_for
from serving.runtime import Model, load, read_description
from serving.runtime.blank import blank
from serving.runtime.capture import Recorder, recorder_of
from serving.runtime.tally import Tally, tally_of
from serving.torchserve import cores, forms


class Handler:
    """One worker's copy of a model."""

    model: Model
    ran_on: str
    recorder: Recorder | None
    tally: Tally

    def initialize(self, context: Any) -> None:
        """Refuse an archive for another image, load the model with verified digests, warm it up."""
        folder = Path(context.system_properties["model_dir"])
        built_for.check(folder)
        threads = context.model_yaml_config["handler"]["threads"]
        name = read_description(folder / "artifact").name
        cores.see_only(cores.claim(name, os.environ, Path(tempfile.gettempdir())))
        self.model = load(folder / "artifact", threads=threads)
        self.ran_on = cores.ran_on(self.model.description.engine)
        self.recorder = recorder_of(folder / "artifact", os.environ)
        self.tally = tally_of(name, os.environ)
        for _ in range(forms.WARM_UP_RUNS):
            self.model.predict([blank(self.model.description)])

    @property
    def field(self) -> str:
        """Return the name of the form field that carries the input."""
        return forms.KINDS[self.model.description.task]

    def handle(self, data: Sequence[Mapping[str, Any]], context: Any) -> list[Any]:
        """Answer a batch, one result per request; TorchServe's entry point."""
        with self.tally.batch(len(data)) as seen:
            tensors, errors = self.preprocess(data, context)
            seen.rejected = len(errors)
            made = self.inference(tensors) if tensors else {}
            results = self.postprocess(made) if tensors else []
        if self.recorder and tensors:
            good = [index for index in range(len(data)) if index not in errors]
            self._record(self.recorder, good, data, made, context)
        return forms.finish(results, errors, context, self.ran_on)

    def preprocess(
        self, data: Sequence[Mapping[str, Any]], context: Any
    ) -> tuple[dict[str, Any], dict[int, str]]:
        """Return the batch's tensors, and by index what is wrong with requests left out of it."""
        good: list[Any] = []
        errors: dict[int, str] = {}
        for index, request in enumerate(data):
            try:
                value = self._input(request, context.get_request_header(index, "Content-Type"))
                if self.field == "image" and len(data) > 1:
                    self.model.preprocess([value])  # so that one broken image fails alone
                good.append(value)
            except ValueError as error:
                errors[index] = str(error)
        try:
            return (self.model.preprocess(good) if good else {}), errors
        except ValueError as error:
            return {}, {index: str(error) for index in range(len(data))}

    def inference(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Run the compiled graph once over the batch."""
        return dict(self.model.infer(tensors))

    def postprocess(self, tensors: Mapping[str, Any]) -> list[Any]:
        """Return the answers, which TorchServe writes as JSON."""
        rows = self.model.postprocess(tensors)
        return [forms.answer(self.model.description, row) for row in rows]

    def _record(
        self,
        recorder: Recorder,
        good: Sequence[int],
        data: Sequence[Mapping[str, Any]],
        made: Mapping[str, Any],
        context: Any,
    ) -> None:
        for index, row in zip(good, self.model.postprocess(made), strict=True):
            value = self._input(data[index], context.get_request_header(index, "Content-Type"))
            recorder.record([value], [row], forms.event_id(context, index))

    def _input(self, request: Mapping[str, Any], content_type: str | None) -> str | bytes:
        """Return a request's text or image bytes.

        Raises:
            ValueError: There is none, or it is not of the right type; says which field to send.
        """
        value = request.get(self.field, request.get("body"))
        if (content_type or "").startswith("application/json"):
            # TorchServe has parsed it, and leaves what is not JSON as it came.
            value = value.get(self.field) if isinstance(value, Mapping) else None
        return forms.read(value, self.field, self.field)
