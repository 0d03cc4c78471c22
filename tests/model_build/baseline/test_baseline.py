"""A baseline holds features of the golden set as the compiled model answers it, and no question."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from model_build.baseline import captured_rows, write_baseline
from model_build.golden.digest import golden_set
from serving.drift import reference
from serving.runtime import load
from tests.serving import tiny

LABELS = ("play", "weather", "navigate")
WORDS = ("find", "jazz", "piano", "blue", "suede", "shoes", "qwxz")
TEXTS = [" ".join(WORDS[i % 7 : i % 7 + 1 + i % 3]) for i in range(30)]


@pytest.fixture
def files(tmp_path):
    model = tiny.encoder(tmp_path / "m", "intent", "classification", LABELS)
    golden = golden_set("g", "classification", TEXTS, ["play"] * 30, licence="MIT")
    paths = write_baseline(golden, model, tmp_path)
    return {path.name: path.read_bytes() for path in paths}


def test_statistics_have_the_fields_that_model_monitor_documents(files):
    found = json.loads(files["statistics.json"])

    assert found["version"] == 0
    assert found["dataset"] == {"item_count": 30}
    features = {feature["name"]: feature for feature in found["features"]}
    words = features["words"]
    assert words["inferred_type"] == "Integral"
    numeric = words["numerical_statistics"]
    assert set(numeric) == {"common", "mean", "sum", "std_dev", "min", "max", "distribution"}
    assert numeric["common"] == {"num_present": 30, "num_missing": 0}
    assert numeric["mean"] == pytest.approx(np.mean([len(text.split()) for text in TEXTS]))
    kll = numeric["distribution"]["kll"]
    assert len(kll["buckets"]) == 10
    assert set(kll["buckets"][0]) == {"lower_bound", "upper_bound", "count"}
    assert sum(bucket["count"] for bucket in kll["buckets"]) == 30
    assert set(kll["sketch"]["parameters"]) == {"c", "k"}
    assert [len(level) for level in kll["sketch"]["data"]] == [30]
    label = features["label"]["string_statistics"]
    assert set(label) == {"common", "distinct_count", "distribution"}
    counts = label["distribution"]["categorical"]["buckets"]
    assert sum(item["count"] for item in counts) == 30
    assert {item["value"] for item in counts} <= set(LABELS)


def test_constraints_have_the_fields_that_model_monitor_documents(files):
    found = json.loads(files["constraints.json"])

    features = {feature["name"]: feature for feature in found["features"]}
    assert features["confidence"] == {
        "name": "confidence", "inferred_type": "Fractional", "completeness": 1.0,
        "num_constraints": {"is_non_negative": True},
    }  # fmt: skip
    assert features["script"]["string_constraints"]["domains"] == ["latin"]
    config = found["monitoring_config"]
    assert config["distribution_constraints"] == {
        "perform_comparison": "Enabled", "comparison_threshold": 0.1, "comparison_method": "Robust",
    }  # fmt: skip
    assert set(config) == {
        "evaluate_constraints", "emit_metrics", "datatype_check_threshold",
        "domain_content_threshold", "distribution_constraints",
    }  # fmt: skip


def test_no_question_is_in_a_baseline(files):
    tokenizer = files.pop("tokenizer.json")

    assert b"qwxz" not in tokenizer
    assert not any(b"qwxz" in data for data in files.values())


def test_a_reference_is_read_back_as_it_was_made(files):
    found = reference.load(files)

    assert (found.model, found.task, found.labels) == ("intent", "classification", LABELS)
    assert found.table.rows == 30
    assert reference.dump(found) == {
        name: files[name] for name in ("reference.npz", "tokenizer.json")
    }


def test_a_reference_sees_captured_rows_as_it_saw_its_own(tmp_path, files):
    found = reference.load(files)
    model = load(tmp_path / "m")
    answers = [model.predict([text])[0] for text in TEXTS]

    seen = found.seen(captured_rows(model.description, TEXTS, answers))

    for name, values in found.table.numbers.items():
        np.testing.assert_array_equal(seen.numbers[name], values)
    assert seen.categories == found.table.categories


def test_a_baseline_that_is_broken_says_what_to_do():
    with pytest.raises(reference.BadBaseline, match="build the model again"):
        reference.load({})


def test_equal_baselines_have_equal_bytes_at_any_time(tmp_path, files):
    assert datetime.now(UTC).year > 2000
    golden = golden_set("g", "classification", TEXTS, ["play"] * 30, licence="MIT")
    again = write_baseline(golden, tmp_path / "m", tmp_path / "again")

    assert {path.name: path.read_bytes() for path in again} == files
