"""The baseline that an artifact carries: what its traffic is held against.

Made of the golden set's questions as the *compiled* model answers them, one at a time as callers
ask. Not of training data: a model answers what it was trained on with a confidence that traffic
never sees. Golden sets have 240 rows or more, enough for every test of `serving.drift`. Each row
goes through the very record that a capture would be, so redaction and rounding are the same on both
sides, and only features are kept, never a question.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from model_build.golden import GoldenSet
from serving.drift import monitor_files, reference
from serving.drift.records import Rows, parse
from serving.runtime import Description, load, read_description
from serving.runtime.capture.record import Event, line

FOLDER = "baseline"
MOST = 400
_THEN = datetime(2000, 1, 1, tzinfo=timezone.utc)  # noqa: UP017  as in the recorder


def write_baseline(golden: GoldenSet, compiled: Path, folder: Path) -> list[Path]:
    """Answer the golden set and write its baseline's files below `folder/baseline`.

    Args:
        golden: The row's golden set.
        compiled: The compiled model directory, or the twin that stands for it on this machine.
        folder: Where to.
    """
    description = read_description(compiled)
    rows = captured_rows(description, *_answered(golden, compiled))
    tokenizer = compiled / reference.TOKENIZER
    made = reference.make(
        description.name,
        description.task,
        rows,
        labels=description.labels,
        tokenizer=tokenizer.read_text(encoding="utf-8") if tokenizer.exists() else "",
    )
    files = baseline_files(made)
    target = folder / FOLDER
    target.mkdir(parents=True)
    for name, data in files.items():
        (target / name).write_bytes(data)
    return [target / name for name in sorted(files)]


def captured_rows(description: Description, inputs: Sequence[Any], outputs: Sequence[Any]) -> Rows:
    """Return inputs and answers as the drift job would read them from a capture."""
    rows = Rows()
    for asked, answered in zip(inputs, outputs, strict=True):
        event = Event([asked], [answered], "golden", _THEN)
        rows.add(parse(line(event, description, ""), description.labels))
    return rows


def baseline_files(made: reference.Reference) -> dict[str, bytes]:
    """Return a baseline's files: the reference, and what Model Monitor reads."""
    return {
        **reference.dump(made),
        reference.STATISTICS: _json(monitor_files.statistics(made.table)),
        reference.CONSTRAINTS: _json(monitor_files.constraints(made.table)),
    }


def _answered(golden: GoldenSet, compiled: Path) -> tuple[list[Any], list[Any]]:
    model = load(compiled)
    count = len(golden.inputs)
    picked = [i * count // min(count, MOST) for i in range(min(count, MOST))]
    inputs = [golden.inputs[i] for i in picked]
    return inputs, [model.predict([item])[0] for item in inputs]


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"
