"""The GPU benchmark without a GPU: what it refuses, and that its systems give equal answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gpu import __main__ as command
from benchmarks.gpu import decoders, encoders
from benchmarks.gpu.__main__ import main
from benchmarks.gpu.run import likeness, measure
from benchmarks.gpu.shapes import OUTPUT_TOKENS, build
from model_build.compilers.tensorrt.api import MissingTensorRt, find
from model_build.compilers.tensorrt.plans import PLACES
from model_build.gates.speed import torch_threads
from serving.runtime.generation.state import read_generation


def test_without_a_gpu_it_says_so_and_measures_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["--out", str(tmp_path / "gpu.json")]) == 2

    assert "no GPU answers here" in capsys.readouterr().err
    assert not (tmp_path / "gpu.json").exists()


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine, tiny layers on several threads wait for each other most of the time."""
    with torch_threads(1):
        yield


@pytest.mark.parametrize("name", ["t5-small", "bart-base"])
def test_every_loop_writes_eagers_tokens(name, tmp_path):
    shape = build(name, tiny=True)
    expected = decoders.SYSTEMS["eager-fp32"](shape, 2, "cpu", tmp_path)()

    assert expected.shape == (2, OUTPUT_TOKENS)
    for system in ("loop-torch-fp32", "loop-onnxruntime"):
        made = decoders.SYSTEMS[system](shape, 2, "cpu", tmp_path)()
        assert likeness(shape, expected, made) == 1


def test_a_system_that_is_not_here_is_named_and_stops_no_other(tmp_path):
    result = measure(
        ["minilm"], [1], "cpu", tiny=True, seconds=0.01,
        systems=["graphs-fp16", "tensorrt-fp16"], say=lambda _: None,
    )  # fmt: skip

    assert [row["system"] for row in result["rows"]] == ["eager-fp32"]
    skipped = {row["system"]: row["reason"] for row in result["skipped"]}
    assert "graphs is measured on a GPU" in skipped["graphs-fp16"]
    assert "tensorrt-fp16" in skipped


def test_a_run_writes_its_machine_its_rows_and_a_plot(tmp_path, capsys):
    out = tmp_path / "tiny.json"

    options = ["--model", "minilm", "--batch", "1", "--seconds", "0.1", "--system", "onnxruntime"]
    assert main(["--device", "cpu", "--tiny", *options, "--out", str(out)]) == 0

    document = json.loads(out.read_text())
    assert {row["system"] for row in document["rows"]} == {"eager-fp32", "onnxruntime"}
    assert all(row["likeness"] > 0.999 for row in document["rows"])
    assert document["machine"]["packages"]["torch"]
    assert document["tiny"]
    assert out.with_suffix(".png").stat().st_size > 1000
    assert "| minilm | 1 | onnxruntime |" in capsys.readouterr().out


def test_what_was_measured_before_the_process_ended_is_kept(tmp_path, monkeypatch):
    def ends_at_two(_shape, size, _device, _folder):
        if size == 2:
            raise SystemExit("as a crash: nothing catches it")
        return lambda: np.zeros((1, 1))

    monkeypatch.setattr(encoders, "SYSTEMS", {**encoders.SYSTEMS, "crash": ends_at_two})
    out = tmp_path / "tiny.json"
    shapes = ["--model", "minilm", "--batch", "1", "--batch", "2", "--system", "crash"]

    with pytest.raises(SystemExit, match="as a crash"):
        main(["--device", "cpu", "--tiny", *shapes, "--seconds", "0.01", "--out", str(out)])

    document = json.loads(out.read_text())
    assert not document["complete"]
    assert {(row["batch"], row["system"]) for row in document["rows"]} == {
        (1, "eager-fp32"), (1, "crash"),
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == [out]


BATCHED = {
    "model": "embedding", "gain": 2.0, "least": 3.0, "p99_lower": True,
    "rows": [{"p99_ms": 30.0}, {"p99_ms": 12.0}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("batching", "code", "line"),
    [
        ({"not run": "no Triton"}, 0, "not run: dynamic batching over none: no Triton"),
        (BATCHED, 1, "MISSED: dynamic batching of embedding: throughput over none: 2 (target 3"),
        ({**BATCHED, "gain": 3.5}, 0, "met: dynamic batching of embedding: p99 of none over its"),
    ],
)
def test_dynamic_batching_counts_where_it_was_run(
    batching, code, line, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(command, "batched", lambda _device: batching)
    out = tmp_path / "tiny.json"
    options = ["--model", "minilm", "--batch", "1", "--seconds", "0.01", "--system", "eager-fp32"]

    assert main(["--device", "cpu", "--tiny", *options, "--out", str(out)]) == code

    assert line in capsys.readouterr().out
    document = json.loads(out.read_text())
    assert document["complete"]
    assert document["batching"] == batching
    assert (code == 1) == any(target["met"] is False for target in document["targets"])


def test_engines_of_a_shape_build_without_a_gpu(tmp_path: Path):
    try:
        find("tensorrt-rtx")
    except MissingTensorRt:
        pytest.skip("TensorRT-RTX is not installed (requirements/files.txt)")

    bound = decoders.engines(build("t5-small", tiny=True), 2, tmp_path, "sm_86")

    assert bound.graphs["step"].profile(2, 11) == 0
    assert (tmp_path / "encoder.plan").stat().st_size > 1000
    generation = read_generation(tmp_path)
    assert generation.steps == OUTPUT_TOKENS
    own = [item for item in generation.carried if item.name.startswith("own_")]
    assert {item.shape[2] for item in own} == {PLACES}  # as those that are served


def test_what_is_no_number_is_null_in_the_file(tmp_path: Path):
    command.write(tmp_path / "gpu.json", {"rows": [{"likeness": float("nan"), "batch": 1}]})

    assert json.loads((tmp_path / "gpu.json").read_text(), parse_constant=pytest.fail) == {
        "rows": [{"likeness": None, "batch": 1}]
    }
