"""Real engines, built without a GPU by TensorRT-RTX where it is installed."""

import json
from importlib.util import find_spec

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from catalog.spec import Target, TargetOptions
from model_build.compilers import COMPILERS, ImpossibleTarget
from model_build.compilers.tensorrt import __main__ as command
from model_build.compilers.tensorrt.api import check_gpu, find
from model_build.compilers.tensorrt.engine import build
from model_build.compilers.tensorrt.profiles import buckets, for_encoder
from model_build.compilers.tensorrt.write import TIMING_CACHE, write
from model_build.sources.encoder import EncoderSource
from model_build.sources.seq2seq import Seq2SeqSource
from serving.runtime import read_description, verify_files
from serving.runtime.generation.state import read_generation
from serving.runtime.tensorrt.engine_tuple import batch_sizes, read_tuple
from tests.model_build import tiny, tiny_encoders

INSTALLED = any(find_spec(name) for name in ("tensorrt_rtx", "tensorrt_rtx_bindings"))
needs_rtx = pytest.mark.skipif(
    not INSTALLED, reason="TensorRT-RTX is not installed (requirements/files.txt)"
)


def g5(row, **options):
    """The row with a g5 target alone."""
    target = Target(
        accelerator="g5", instance="ml.g5.xlarge", options=TargetOptions(max_batch=4, **options)
    )
    return row.model_copy(update={"targets": (target,)}), target


@pytest.fixture(scope="module")
def api():
    return find("tensorrt-rtx")


@needs_rtx
@pytest.mark.parametrize(("family", "beams", "precision"), [("bart", 3, "fp16"), ("t5", 1, "bf16")])
def test_a_decoders_engines_build_for_the_a10g_without_a_gpu(
    api, tmp_path, family, beams, precision
):
    row, target = g5(tiny.row("tiny", "seq2seq", family), beams=beams)
    source = Seq2SeqSource(tiny.seq2seq_folder(family, tmp_path / "source"), row.limits, beams)

    lines = write(row, target, source, precision, api, tmp_path / "out")

    assert [line.engine for line in lines] == ["encoder", "step"]
    assert all(line.layers > 50 and line.megabytes > 0.1 for line in lines)
    made = read_tuple(tmp_path / "out")
    assert (made.tensorrt, made.version, made.architecture) == (api.name, api.version, "sm_86")
    assert made.graphs["step"].profile(batch=4, length=24) == 2
    generation = read_generation(tmp_path / "out")
    assert (generation.beams, generation.batches, generation.lengths) == (
        beams,
        (1, 2, 4),
        (16, 24),
    )


@needs_rtx
def test_an_encoders_directory_says_what_it_holds(api, tmp_path):
    row, target = g5(
        tiny.row("tiny", "pair-classification", "minilm-duplicates", labels=("a", "b"))
    )
    source = tiny_encoders.source("pair-classification", tmp_path)

    write(row, target, source, "fp16", api, tmp_path / "out", tmp_path / "timings")

    description = read_description(tmp_path / "out")
    assert (description.engine, description.precision) == ("tensorrt", "fp16")
    assert description.buckets == (16, 24)
    assert set(description.files) == {"model.plan", "engine.json", "tokenizer.json"}
    verify_files(tmp_path / "out", description.files)
    # TensorRT-RTX picks its kernels where it runs: it times none, and there is nothing to keep.
    assert not list((tmp_path / "out").glob(f"*{TIMING_CACHE}"))


@needs_rtx
def test_operators_that_tensorrt_does_not_know_are_named(api, tmp_path):
    table = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"], name="first"),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"], name="second"),
    ]
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])
    graph = helper.make_graph(nodes, "odd", [table], [made])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10),
        str(tmp_path / "odd.onnx"),
    )

    with pytest.raises(ImpossibleTarget, match=r"odd\.onnx: .*DynamicQuantizeLinear"):
        build(api, tmp_path / "odd.onnx", for_encoder(["x"], [4], 2), "sm_86")


@needs_rtx
def test_an_architecture_without_engines_is_refused_with_those_that_have(api):
    config = api.trt.Builder(api.trt.Logger()).create_builder_config()

    with pytest.raises(ImpossibleTarget, match=r"sm_90.*SM86"):
        api.aim(config, "sm_90")


@needs_rtx
def test_the_table_names_what_built_it(tmp_path, capsys, monkeypatch):
    row, _ = g5(tiny.row("tiny", "seq2seq", "t5"))
    folder = tiny.seq2seq_folder("t5", tmp_path / "source")
    monkeypatch.setattr(command, "load_models", lambda: {"tiny": row})
    monkeypatch.setattr(command, "load_source", lambda *_: Seq2SeqSource(folder, row.limits))

    assert command.main(["--json", str(tmp_path / "table.json")]) == 0

    assert "Engines for sm_86 by tensorrt-rtx" in capsys.readouterr().out
    rows = json.loads((tmp_path / "table.json").read_text())["engines"]
    assert [row["engine"] for row in rows] == ["encoder", "step"]


@needs_rtx
def test_a_table_that_takes_longer_than_it_may_fails(capsys, monkeypatch):
    monkeypatch.setattr(command, "load_models", dict)

    assert command.main(["--within", "60"]) == 0
    assert command.main(["--within", "-1"]) == 1


def test_half_precision_keeps_an_encoders_answers(tmp_path):
    ort = pytest.importorskip("onnxruntime")
    from model_build.compilers.tensorrt.graphs.encoder import export

    source: EncoderSource = tiny_encoders.source("embedding", tmp_path)
    texts = ["play some jazz music", "blue suede shoes"]
    tensors = source.tensors(texts)
    export(source.module, tensors, "embedding", "fp16", tmp_path / "half.onnx")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(tmp_path / "half.onnx", options)

    (made,) = session.run(None, {name: value.numpy() for name, value in tensors.items()})

    assert made.dtype == np.float32
    assert (made * np.stack(source.predict(texts))).sum(axis=1).min() > 0.999
    weights = onnx.load(tmp_path / "half.onnx").graph.initializer
    assert TensorProto.FLOAT16 in {item.data_type for item in weights}


def test_a_builder_without_its_gpu_is_refused_before_anything_is_built(tmp_path):
    row, target = g5(tiny.row("tiny", "seq2seq", "t5"))
    source = Seq2SeqSource(tiny.seq2seq_folder("t5", tmp_path / "source"), row.limits)

    with pytest.raises(ImpossibleTarget, match=r"no tensorrt can be imported|serving image has"):
        COMPILERS["g5"].compile(row, target, source, tmp_path / "out")


def test_a_machine_without_the_targets_gpu_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImpossibleTarget, match=r"sm_86.*none answers"):
        check_gpu("sm_86")

    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 7.0\n")
    tool.chmod(0o755)
    with pytest.raises(ImpossibleTarget, match="the GPU here is sm_70"):
        check_gpu("sm_86")


@pytest.mark.parametrize(
    ("most", "sizes"), [(1, (1,)), (2, (1, 2)), (6, (1, 2, 4, 6)), (8, (1, 2, 4, 8))]
)
def test_graphs_are_made_for_powers_of_two_and_the_largest_batch(most, sizes):
    assert batch_sizes(most) == sizes


def test_lengths_are_the_rows_own_or_powers_of_two():
    assert buckets((16, 64), 64) == (16, 64)
    assert buckets((), 64) == (16, 32, 64)
    assert buckets((), 24) == (16, 24)
    assert buckets((), 8) == (8,)
