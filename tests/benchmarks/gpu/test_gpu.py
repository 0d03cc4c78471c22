"""The GPU benchmark without a GPU: what it refuses, and that its systems give equal answers."""

import json
from pathlib import Path

import pytest

from benchmarks.gpu import decoders, report
from benchmarks.gpu.__main__ import main
from benchmarks.gpu.run import likeness, measure
from benchmarks.gpu.shapes import OUTPUT_TOKENS, build
from model_build.compilers.tensorrt.api import MissingTensorRt, find
from model_build.gates.speed import torch_threads


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


def test_targets_are_judged_where_both_sides_were_measured():
    rows = [
        {"model": "t5-small", "batch": 1, "system": system, "p50_ms": time}
        for system, time in (("eager-fp32", 30.0), ("loop-tensorrt-fp16", 2.0))
    ]

    found = {item["target"]: item for item in report.targets(rows)}

    assert found["t5-small batch 1: loop-tensorrt-fp16 over eager-fp32"]["met"] is True
    assert found["t5-small batch 1: loop-tensorrt-fp16 over torch.compile-fp16"]["met"] is None


def test_engines_of_a_shape_build_without_a_gpu(tmp_path: Path):
    try:
        find("tensorrt-rtx")
    except MissingTensorRt:
        pytest.skip("TensorRT-RTX is not installed (requirements/files.txt)")

    bound = decoders.engines(build("t5-small", tiny=True), 2, tmp_path, "sm_86")

    assert bound.graphs["step"].profile(2, 11) == 0
    assert (tmp_path / "encoder.plan").stat().st_size > 1000
    assert f'"steps": {OUTPUT_TOKENS}' in (tmp_path / "generation.json").read_text()
