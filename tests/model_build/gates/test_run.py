import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from catalog import digest
from catalog.artifact import Evidence
from catalog.load import load_prices
from model_build.compilers import COMPILERS
from model_build.compilers.probes import probes
from model_build.gates import report, run_gates, smoke_examples, speed
from serving.runtime import read_description
from tests.model_build import tiny, tiny_encoders

LABELS = ("a", "b", "c")
GOALS = {
    "label_agreement": {"threshold": 0.97},
    "accuracy": {"max_degradation": 0.01},
    "usd_per_million": {"threshold": 100.0},
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(speed, "COMPARE_SECONDS", 0.05)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A classifier's row, source and compiled directory."""
    folder = tmp_path_factory.mktemp("built")
    row = tiny.row(
        "tiny",
        "classification",
        "minilm-intent",
        labels=LABELS,
        goals=GOALS,
        precision="fp32",
        engines=("onnxruntime",),
    )
    source = tiny_encoders.source("classification", folder)
    compiled = COMPILERS["cpu"].compile(row, row.target("cpu"), source, folder / "out")
    return row, source, compiled.directory


@pytest.fixture
def model(built, tmp_path):
    """The row, a directory to damage, and a golden set that the source answers rightly."""
    row, source, original = built
    directory = Path(shutil.copytree(original, tmp_path / "compiled"))
    inputs = probes("classification")
    expected = [LABELS[int(answer.argmax())] for answer in source.predict(inputs)]
    assert len(set(expected)) == len(LABELS)
    golden = tiny.golden("classification", inputs, expected)

    def gate(row=row, golden=golden):
        return run_gates(row, row.target("cpu"), source, directory, golden, load_prices())

    return row, directory, golden, gate


def damage(directory, change):
    """Change the head's weights in the compiled graph, and own up to it in model.json."""
    path = directory / "model.onnx"
    graph = onnx.load(path)
    (name,) = [item.name for item in graph.graph.initializer if item.name == "head.weight"]
    for item in graph.graph.initializer:
        if item.name == name:
            item.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(item)), name))
    onnx.save(graph, path)
    description = read_description(directory)
    files = {**description.files, "model.onnx": digest.of_file(path)}
    (directory / "model.json").write_text(replace(description, files=files).to_json())


def test_a_faithful_model_passes_with_every_measurement_beside_the_source(model):
    _, _, _, gate = model

    evidence = gate()

    assert evidence.passed
    assert Evidence.from_json(json.loads(digest.canonical(asdict(evidence)))) == evidence
    for metric in ("accuracy", "p50_ms", "p99_ms", "throughput", "usd_per_million", "speedup"):
        assert evidence.measurement(metric).source is not None
    assert evidence.price["instance"] == "ml.c7i.xlarge"
    assert "worst" not in evidence.conditions


def test_a_zeroed_layer_is_stopped_and_its_worst_examples_are_shown(model):
    _, directory, _, gate = model
    damage(directory, np.zeros_like)

    evidence = gate()

    assert not evidence.passed
    text = report("tiny", evidence)
    assert "gate failed: tiny: label_agreement" in text
    worst = evidence.conditions["worst"][0]
    assert worst["input"] in text
    assert worst["source"].split()[0] != worst["compiled"].split()[0]


def test_swapped_labels_are_stopped(model):
    _, directory, _, gate = model
    damage(directory, lambda weights: np.ascontiguousarray(weights[::-1]))

    evidence = gate()

    assert {item.metric for item in evidence.verdicts if not item.passed} >= {
        "label_agreement",
        "accuracy",
    }


def test_a_model_that_answers_nan_is_stopped_whatever_the_goals_are(model):
    row, directory, _, gate = model
    damage(directory, lambda weights: np.full_like(weights, np.nan))
    only_cost = row.model_copy(update={"gates": tiny.row("x", "embedding", "minilm").gates})

    evidence = gate(row=only_cost)

    failed = [item for item in evidence.verdicts if not item.passed]
    assert [item.metric for item in failed] == ["finite"]
    assert "not finite" in report("tiny", evidence)
    digest.canonical(asdict(evidence))  # refuses NaN


def test_a_golden_set_of_another_task_is_refused(model):
    *_, gate = model
    wrong = tiny.golden("seq2seq", ["abc"], ["abd"])

    with pytest.raises(ValueError, match=r"gates.golden: 'tiny' is for task 'seq2seq'"):
        gate(golden=wrong)


def test_smoke_examples_are_what_the_compiled_model_answers(model):
    row, directory, golden, _ = model
    row = row.model_copy(update={"examples": ("golden:1", "play some jazz music")})

    first, second = smoke_examples(row, directory, golden)

    assert first.input == golden.inputs[1]
    assert len(second.output) == len(LABELS)
    assert sum(second.output) == pytest.approx(1.0, abs=1e-4)


def test_an_example_outside_the_golden_set_is_refused(model):
    row, directory, golden, _ = model
    row = row.model_copy(update={"examples": ("golden:999",)})

    with pytest.raises(ValueError, match=r"'golden:999': tiny has inputs 0 to 31"):
        smoke_examples(row, directory, golden)
