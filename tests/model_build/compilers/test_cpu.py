import numpy as np
import onnx
import pytest

from catalog import digest
from model_build.compilers import COMPILERS, ImpossibleTarget
from model_build.compilers.probes import probes
from model_build.sources.seq2seq import Seq2SeqSource
from serving.runtime import CorruptArtifact, load, openvino_engine
from tests.model_build import tiny, tiny_encoders

ENCODERS = {
    "embedding": "minilm",
    "classification": "minilm-intent",
    "pair-classification": "minilm-duplicates",
    "image-classification": "ad-image-cnn",
}


def compiled(row, source, workdir):
    return COMPILERS["cpu"].compile(row, row.target("cpu"), source, workdir)


def labels_of(task):
    if task == "pair-classification":
        return ("different", "duplicate")
    return ("a", "b", "c") if task.endswith("classification") else ()


@pytest.mark.parametrize("task", ENCODERS)
def test_every_float_engine_answers_as_its_source(task, tmp_path):
    source = tiny_encoders.source(task, tmp_path)
    row = tiny.row("tiny", task, ENCODERS[task], labels=labels_of(task), precision="fp32")

    compiled(row, source, tmp_path / "out")

    inputs = probes(task)
    expected = np.stack(source.predict(inputs))
    for engine in ("onnxruntime", "openvino"):
        answers = load(tmp_path / "out" / f"{engine}-fp32").predict(inputs)
        assert np.abs(np.stack(answers) - expected).max() < 1e-4


@pytest.mark.parametrize(("family", "beams"), [("t5", 1), ("bart", 1), ("t5", 3)])
def test_ctranslate2_writes_what_eager_generate_writes(family, beams, tmp_path):
    row = tiny.row("tiny", "seq2seq", family, precision="fp32", beams=beams)
    source = Seq2SeqSource(tiny.seq2seq_folder(family, tmp_path / "source"), row.limits, beams)

    result = compiled(row, source, tmp_path / "out")

    inputs = [*probes("seq2seq"), "x" * 200]
    assert len(set(source.predict(inputs))) > 5
    assert load(result.directory).predict(inputs) == source.predict(inputs)


def test_an_unfaithful_precision_is_measured_but_not_chosen(tmp_path):
    row = tiny.row("tiny", "seq2seq", "t5")  # at this size INT8 changes every other answer
    source = Seq2SeqSource(tiny.seq2seq_folder("t5", tmp_path / "source"), row.limits)

    result = compiled(row, source, tmp_path / "out")

    by_precision = {item["precision"]: item for item in result.alternatives}
    assert by_precision["int8"]["fidelity"] < 0.97
    assert not by_precision["int8"]["chosen"]
    assert result.precision == "fp32"
    assert by_precision["fp32"]["chosen"]


def test_int8_competes_for_a_classifier_with_its_embedding_tables_in_float(tmp_path):
    row = tiny.row("tiny", "classification", "minilm-intent", labels=("a", "b", "c"))
    source = tiny_encoders.source("classification", tmp_path)

    result = compiled(row, source, tmp_path / "out")

    assert {item["precision"] for item in result.alternatives} == {"int8", "fp32"}
    graph = onnx.load(tmp_path / "out" / "onnxruntime-int8" / "model.onnx").graph
    tables = [item for item in graph.initializer if "word_embeddings" in item.name]
    assert [item.data_type for item in tables] == [onnx.TensorProto.FLOAT]
    assert any("Integer" in node.op_type for node in graph.node)


def test_bf16_runs_in_float32_on_a_cpu_that_would_emulate_it(tmp_path, monkeypatch):
    source = tiny_encoders.source("pair-classification", tmp_path)
    row = tiny.row(
        "tiny", "pair-classification", "minilm-duplicates",
        labels=labels_of("pair-classification"), precision="bf16",
    )  # fmt: skip
    directory = compiled(row, source, tmp_path / "out").directory
    plain = tmp_path / "cpuinfo"
    plain.write_text("flags : fma avx2 avx512f avx512_vnni\n")
    monkeypatch.setattr(openvino_engine, "CPU", plain)

    inputs = probes("pair-classification")
    apart = np.stack(load(directory).predict(inputs)) - np.stack(source.predict(inputs))
    assert np.abs(apart).max() < 5e-4  # what half precision does to the weights


@pytest.mark.parametrize(
    ("precision", "engine"), [("int8", "onnxruntime"), ("fp32", "openvino"), ("bf16", "openvino")]
)
def test_equal_inputs_give_equal_bytes(precision, engine, tmp_path):
    row = tiny.row("tiny", "embedding", "minilm", precision=precision, engines=(engine,))
    source = tiny_encoders.source("embedding", tmp_path)

    first = compiled(row, source, tmp_path / "first")
    second = compiled(row, source, tmp_path / "second")

    assert digest.of_tree(first.directory) == digest.of_tree(second.directory)


def test_bf16_weighs_half_and_answers_nearly_as_its_source(tmp_path):
    source = tiny_encoders.source("pair-classification", tmp_path)
    labels = labels_of("pair-classification")
    wide, narrow = (
        compiled(
            tiny.row(
                "tiny", "pair-classification", "minilm-duplicates", labels=labels,
                precision=precision, engines=("openvino",),
            ),
            source,
            tmp_path / precision,
        )
        for precision in ("fp32", "bf16")
    )  # fmt: skip

    inputs = probes("pair-classification")
    apart = np.stack(load(narrow.directory).predict(inputs)) - np.stack(source.predict(inputs))
    assert np.abs(apart).max() < 0.02
    assert (narrow.engine, narrow.precision) == ("openvino", "bf16")
    weights = [
        sum(path.stat().st_size for path in item.directory.rglob("model.bin"))
        for item in (wide, narrow)
    ]
    assert weights[1] < 0.6 * weights[0]


def test_a_changed_file_is_named_when_the_model_is_loaded(tmp_path):
    row = tiny.row("tiny", "image-classification", "ad-image-cnn", labels=("a", "b", "c"))
    source = tiny_encoders.source("image-classification", tmp_path)
    directory = compiled(row, source, tmp_path / "out").directory
    engine_file = next(path for path in directory.iterdir() if path.suffix in {".onnx", ".bin"})
    content = bytearray(engine_file.read_bytes())
    content[len(content) // 2] ^= 1
    engine_file.write_bytes(content)

    with pytest.raises(CorruptArtifact, match=engine_file.name):
        load(directory)


def test_a_precision_that_no_cpu_engine_has_is_refused_with_the_remedy(tmp_path):
    row = tiny.row("tiny", "embedding", "minilm", precision="fp16")
    source = tiny_encoders.source("embedding", tmp_path)

    with pytest.raises(ImpossibleTarget, match=r"'fp16' .* use one of auto, fp32, bf16, int8"):
        compiled(row, source, tmp_path / "out")


def test_options_that_leave_no_engine_are_refused_with_the_remedy(tmp_path):
    row = tiny.row("tiny", "embedding", "minilm", precision="int8", engines=("openvino",))
    source = tiny_encoders.source("embedding", tmp_path)

    with pytest.raises(ImpossibleTarget, match=r"'int8' with engines \['openvino'\].*'auto'"):
        compiled(row, source, tmp_path / "out")
