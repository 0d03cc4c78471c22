"""How the g5 compiler chooses, with engines of ONNX Runtime in TensorRT's place."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.gpu import TENSORRT
from catalog.spec import Target, TargetOptions
from model_build.compilers import COMPILERS, ImpossibleTarget, g5
from model_build.compilers.contract import Candidate
from model_build.compilers.describe import describe
from model_build.compilers.tensorrt import write as writing
from model_build.compilers.tensorrt.api import Api
from model_build.compilers.tensorrt.graphs.encoder import export
from tests.model_build import tiny, tiny_encoders

UNFAITHFUL = ("fp16",)


@pytest.fixture
def source(tmp_path: Path):
    return tiny_encoders.source("embedding", tmp_path)


def target(precision: str = "auto") -> Target:
    return Target(
        accelerator="g5", instance="ml.g5.xlarge", precision=precision, options=TargetOptions()
    )


def builder(version: str) -> Api:
    return Api("tensorrt", version, SimpleNamespace())


@pytest.fixture
def engines(monkeypatch):
    """Write ONNX where engines would be; those of an unfaithful precision answer at random."""
    made: list[str] = []

    def write(spec, wanted, source, precision, _api, directory, _cache):
        directory.mkdir()
        made.append(precision)
        module = source.module
        if precision in UNFAITHFUL:
            module = tiny_encoders.source("embedding", directory).module
            for weight in module.parameters():
                weight.mul_(-1.7)
        tensors = source.tensors(["blue suede shoes", "jazz"])
        export(module, tensors, "embedding", "fp32", directory / "model.onnx")
        candidate = Candidate("onnxruntime", precision, lambda _: None)
        describe(spec, wanted, source, candidate, directory)

    monkeypatch.setattr(writing, "write", write)
    monkeypatch.setattr(g5, "find", lambda _: builder(f"{TENSORRT}.9"))
    monkeypatch.setattr(g5, "SECONDS", 0.01)
    return made


def test_the_first_precision_that_answers_as_its_source_is_taken(engines, source, tmp_path):
    row = tiny.row("tiny", "embedding", "minilm")

    result = COMPILERS["g5"].compile(row, target(), source, tmp_path / "out")

    assert engines == ["fp16", "bf16"]  # float32 is not even built
    assert (result.precision, result.directory) == ("bf16", tmp_path / "out" / "bf16")
    chosen = {item["precision"]: item["chosen"] for item in result.alternatives}
    assert chosen == {"fp16": False, "bf16": True}


def test_a_precision_that_is_asked_for_is_left_to_the_gates(engines, source, tmp_path):
    row = tiny.row("tiny", "embedding", "minilm")

    result = COMPILERS["g5"].compile(row, target("fp16"), source, tmp_path / "out")

    assert result.precision == "fp16"
    (only,) = result.alternatives
    assert only["fidelity"] < 0.9


def test_a_precision_that_is_not_built_is_refused(engines, source, tmp_path):
    row = tiny.row("tiny", "embedding", "minilm")

    with pytest.raises(ImpossibleTarget, match=r"targets\.g5\.precision: 'int8'"):
        COMPILERS["g5"].compile(row, target("int8"), source, tmp_path / "out")
    assert not engines


@pytest.mark.parametrize("version", ["10.9.0.34", "1.7.1.116"])
def test_a_builder_with_another_tensorrt_than_the_image_is_refused_with_both(version):
    with pytest.raises(ImpossibleTarget) as refusal:
        g5.check_version(builder(version), target())

    assert f"(tensorrt {TENSORRT}, sm_86)" in str(refusal.value)
    assert f"(tensorrt {version})" in str(refusal.value)
