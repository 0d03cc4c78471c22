"""What an artifact will be asked on its chip: made at build, while the source model is at hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from catalog.spec import ModelSpec, Target
from model_build.gates.questions import in_batches, pick
from model_build.gates.run import machine
from model_build.gates.speed import source_milliseconds
from model_build.golden import GoldenSet
from model_build.sources import Source
from serving.onchip.questions import Questions

FILE_NAME = "questions.json"


def make_questions(spec: ModelSpec, target: Target, source: Source, golden: GoldenSet) -> Questions:
    """Return the part of a golden set that gates ask, with the source's answers and times."""
    picked = pick(golden)
    return Questions(
        task=spec.task,
        inputs=picked.inputs,
        expected=picked.expected,
        source=_plain(in_batches(source.predict, picked.inputs)),
        documents=picked.documents,
        source_documents=_plain(in_batches(source.predict, picked.documents)),
        source_ms=source_milliseconds(
            picked.inputs, source.predict, spec.gates.load, target.options.threads
        ),
        load=spec.gates.load.model_dump(mode="json"),
        machine=machine(),
    )


def write_questions(questions: Questions, folder: Path) -> Path:
    """Write the document and return its path."""
    path = folder / FILE_NAME
    path.write_text(json.dumps(questions.to_json()) + "\n", encoding="utf-8")
    return path


def _plain(answers: Sequence[Any]) -> list[Any]:
    return [
        item if isinstance(item, str) else [float(value) for value in np.asarray(item)]
        for item in answers
    ]
