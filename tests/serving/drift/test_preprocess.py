"""Model Monitor's script makes flat rows, named as the baseline's statistics name them."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from serving.drift import monitor_files, preprocess
from serving.drift.records import Rows, parse
from serving.drift.reference import make
from serving.runtime import read_description
from serving.runtime.capture import recorder_of
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


def test_what_sagemaker_keeps_as_base64_is_read_too(tmp_path):
    """Triton is asked in JSON under a type of bytes, which SageMaker's own capture encodes."""
    text, _ = captured(tmp_path / "m", "classification", "jazz", np.array([0.9, 0.1], np.float32))
    plain = record(text)
    encoded = SimpleNamespace(
        **{
            name: SimpleNamespace(data=base64.b64encode(part.data.encode()).decode())
            for name, part in vars(plain).items()
        }
    )

    row = preprocess.preprocess_handler(encoded)

    assert row == preprocess.preprocess_handler(plain)
    assert row["label"] == "different"


def test_records_that_a_server_wrote_become_rows_of_its_own_statistics(tmp_path):
    """From the model's recorder to the row, and back to the names that the release brings."""
    folder = tiny.encoder(tmp_path / "m", "m", "classification", LABELS)
    variables = {"SLIPWAY_CAPTURE": f"file://{tmp_path}/capture", "SLIPWAY_ENDPOINT": "e"}
    recorder = recorder_of(folder, variables)
    assert recorder is not None
    for number in range(3):
        recorder.record([f"find {number} jazz"], [np.array([0.75, 0.25], np.float32)], str(number))
    recorder.close()
    (file,) = (tmp_path / "capture").rglob("*.jsonl")

    rows = [preprocess.preprocess_handler(record(line)) for line in file.read_text().splitlines()]

    assert [row["length"] for row in rows] == [11, 11, 11]
    rows_read = Rows()
    for text in file.read_text().splitlines():
        rows_read.add(parse(text, LABELS))
    words = tiny.tokenizer().to_str()
    reference = make("m", "classification", rows_read, labels=LABELS, tokenizer=words)
    said = monitor_files.statistics(reference.table)
    named = {feature["name"] for feature in said["features"]}
    assert set(rows[0]) <= named
    assert said["dataset"]["item_count"] == 3


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
