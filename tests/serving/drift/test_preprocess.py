"""Model Monitor's script makes flat rows, named as the baseline's statistics name them."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from serving.drift import preprocess
from serving.drift.records import Rows, parse
from serving.drift.reference import make
from serving.runtime import read_description
from serving.runtime.capture.record import Event, line
from tests.serving import tiny

LABELS = ("different", "duplicate")


def captured(folder: Path, task: str, asked: object, answered: object) -> tuple[str, list[str]]:
    if task == "seq2seq":
        model = tiny.echo(folder, "m")
    else:
        labels = LABELS if task.endswith("classification") else ()
        model = tiny.encoder(folder, "m", task, labels)
    description = read_description(model)
    text = line(Event([asked], [answered], "1", datetime.now(UTC)), description, "0" * 12)
    rows = Rows()
    for _ in range(3):
        rows.add(parse(text, description.labels))
    table = make("m", task, rows, labels=labels_of(task), tokenizer=tiny.tokenizer().to_str()).table
    return text, table.names


def labels_of(task: str) -> tuple[str, ...]:
    return LABELS if task.endswith("classification") else ()


def record(text: str, parsed: bool = False) -> SimpleNamespace:
    """Return what Model Monitor hands over."""
    parts = {
        "endpoint_input" if name == "endpointInput" else "endpoint_output": SimpleNamespace(
            data=json.loads(part["data"]) if parsed else part["data"]
        )
        for name, part in json.loads(text)["captureData"].items()
    }
    return SimpleNamespace(**parts)


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize(
    ("task", "asked", "answered", "expected"),
    [
        ("seq2seq", "find jaz", "find jazz", {"length": 8, "words": 2, "unchanged": "no"}),
        ("embedding", "find jazz", np.array([0.6, 0.8], np.float32), {"embedding_norm": 1.0}),
        ("classification", "jazz", np.array([0.9, 0.1], np.float32), {"label": "different"}),
        (
            "pair-classification", ("blue", "blue mouse"), np.array([0.5, 0.5], np.float32),
            {"left_length": 4, "right_words": 2, "entropy": 1.0},
        ),
    ],
)  # fmt: skip
def test_a_record_becomes_a_flat_row_of_the_baselines_features(
    tmp_path, task, asked, answered, expected, parsed
):
    text, names = captured(tmp_path / "m", task, asked, answered)

    row = preprocess.preprocess_handler(record(text, parsed))

    assert {key: row[key] for key in expected} == pytest.approx(expected)
    assert set(row) <= set(names)
    assert all(isinstance(value, int | float | str) for value in row.values())


def test_what_is_not_ours_is_left_out():
    assert preprocess.preprocess_handler(SimpleNamespace()) == []
    csv = SimpleNamespace(endpoint_input=SimpleNamespace(data="1,2"), endpoint_output=None)
    assert preprocess.preprocess_handler(csv) == []


def test_the_script_runs_alone_with_the_standard_library(tmp_path):
    alone = tmp_path / "preprocess.py"
    alone.write_bytes(Path(preprocess.__file__).read_bytes())
    code = "import preprocess; print(callable(preprocess.preprocess_handler))"

    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    assert done.stdout.strip() == "True"
