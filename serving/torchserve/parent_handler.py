"""TorchServe's handler for a parent: several classifiers in one graph, asked by one request.

A request is a form whose fields are named by the parts it asks: text, or an image's bytes; the
answer is `{part: {"model", "label", "probabilities"}}` for those. A malformed request of a batch is
answered 400 alone.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from serving import built_for
from serving.runtime.blank import blank
from serving.runtime.capture import Recorder, recorder_of
from serving.runtime.parent import Parent, load_parent
from serving.runtime.tally import Tally, tally_of
from serving.torchserve import cores, forms

MODEL_NAME = "model_name"  # TorchServe's own field
Question = tuple[int, Any]
"""Which request of the batch asks, and what."""


class ParentHandler:
    """One worker's copy of a parent."""

    parent: Parent
    ran_on: str
    recorders: Mapping[str, Recorder | None]
    tallies: Mapping[str, Tally]

    def initialize(self, context: Any) -> None:
        """Refuse an archive for another image, load the graph with verified digests, warm it up."""
        folder = Path(context.system_properties["model_dir"])
        built_for.check(folder)
        config = context.model_yaml_config["handler"]
        cores.see_only(cores.claim(config["name"], os.environ, Path(tempfile.gettempdir())))
        self.parent = load_parent(folder / "artifact", threads=config["threads"])
        self.ran_on = cores.ran_on(self.parent.description.engine)
        self.recorders = {
            name: recorder_of(folder / "artifact" / name, os.environ) for name in self.parent.parts
        }
        self.tallies = {name: tally_of(name, os.environ) for name in self.parent.parts}
        for _ in range(forms.WARM_UP_RUNS):
            for part in self.parent.parts.values():
                part.predict([blank(part.description)])

    def handle(self, data: Sequence[Mapping[str, Any]], context: Any) -> list[Any]:
        """Answer a batch, one result per request; TorchServe's entry point."""
        asked, errors = self.preprocess(data)
        with ExitStack() as counted:  # a request counts for each part that it asks
            for name, questions in asked.items():
                counted.enter_context(self.tallies[name].batch(len(questions)))
            rows = self.inference(asked)
            results = self.postprocess(asked, rows)
        for name, recorder in self.recorders.items():
            for (index, value), row in zip(asked.get(name, ()), rows.get(name, ()), strict=True):
                if recorder:
                    recorder.record([value], [row], forms.event_id(context, index))
        return forms.finish(
            [results[index] for index in sorted(results)], errors, context, self.ran_on
        )

    def preprocess(
        self, data: Sequence[Mapping[str, Any]]
    ) -> tuple[dict[str, list[Question]], dict[int, str]]:
        """Return by part what it is asked, and by index what is wrong with a request."""
        asked: dict[str, list[Question]] = {}
        errors: dict[int, str] = {}
        for index, request in enumerate(data):
            try:
                for name, value in self._read(request).items():
                    asked.setdefault(name, []).append((index, value))
            except ValueError as error:
                errors[index] = str(error)
        return asked, errors

    def inference(self, asked: Mapping[str, Sequence[Question]]) -> dict[str, list[Any]]:
        """Run the compiled graph once for all parts that are asked; return each one's rows."""
        if not asked:
            return {}
        parts = self.parent.parts
        tensors = {
            name: parts[name].preprocess([value for _, value in questions])
            for name, questions in asked.items()
        }
        made = self.parent.infer(tensors)
        return {name: parts[name].postprocess(made[name]) for name in made}

    def postprocess(
        self, asked: Mapping[str, Sequence[Question]], rows: Mapping[str, Sequence[Any]]
    ) -> dict[int, dict[str, Any]]:
        """Return the answers by request, which TorchServe writes as JSON."""
        results: dict[int, dict[str, Any]] = {}
        for name, questions in asked.items():
            description = self.parent.parts[name].description
            for (index, _), row in zip(questions, rows[name], strict=True):
                results.setdefault(index, {})[name] = forms.answer(description, row)
        return results

    def _read(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a request asks, by part.

        Raises:
            ValueError: It asks no part, names one that is not here, or a part cannot read its own.
        """
        parts = self.parent.parts
        unknown = sorted(request.keys() - parts.keys() - {MODEL_NAME})
        if unknown or not request.keys() & parts.keys():
            known = ", ".join(f"{name} ({self._kind(name)})" for name in parts)
            raise ValueError(
                f"{unknown[0] if unknown else self.parent.description.name}: is no part of"
                f" {self.parent.description.name}: send a form with a field for each part to ask:"
                f" {known}"
            )
        found = {}
        for name in sorted(request.keys() & parts.keys()):
            found[name] = forms.read(request[name], name, self._kind(name))
            if self._kind(name) == "image":
                parts[name].preprocess([found[name]])  # so that one broken image fails alone
        return found

    def _kind(self, name: str) -> str:
        return forms.KINDS[self.parent.parts[name].description.task]
