"""Answers as JSON."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from serving.intent.answer import Writer
from serving.runtime import load
from tests.serving import tiny

LABELS = ('say "100 %s"', "weather")


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    found = load(tiny.encoder(tmp_path / "m", "intent", "classification", ("a", "b"))).description
    found = dataclasses.replace(found, labels=LABELS, threshold=0.6, fallback_label="unknown")
    return Writer(found, "0" * 64)


@pytest.mark.parametrize(
    ("row", "intent"), [((0.9, 0.1), LABELS[0]), ((0.25, 0.75), "weather"), ((0.5, 0.5), "unknown")]
)
def test_an_answer_is_json_whatever_the_labels_are(writer: Writer, row, intent):
    told, text = writer.write(np.array(row, np.float32))

    assert told == intent
    assert json.loads(text) == {
        "intent": intent,
        "confidence": pytest.approx(max(row), abs=1e-6),
        "probabilities": pytest.approx(dict(zip(LABELS, row, strict=True)), abs=1e-6),
        "model": "intent",
        "artifact": "0" * 64,
    }


@pytest.mark.parametrize("row", [(np.nan, 1), (np.inf, 0), (np.inf, -np.inf)])
def test_what_is_no_number_is_not_written(writer: Writer, row):
    with pytest.raises(ValueError, match="not finite"):
        writer.write(np.array(row, np.float32))
