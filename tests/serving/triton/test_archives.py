"""Our archives in the real Triton server, against `serving.runtime` in this process."""

import json
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from catalog.load import load_models
from model_build.compilers import COMPILERS
from model_build.package import package
from model_build.sources.seq2seq import Seq2SeqSource
from serving.runtime import load
from serving.runtime.archive import unpack
from tests.model_build import tiny as sources
from tests.serving import processes, tiny
from tests.serving.patience import eventually
from tests.serving.triton import server
from tests.serving.triton.server import Triton

MODELS = ("embedding", "duplicates", "spelling-t5")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled")
    tiny.encoder(folder / "embedding", "embedding", "embedding")
    tiny.halves(folder / "duplicates", "duplicates", ("different", "duplicate"))
    tiny.echo(folder / "spelling-t5", "spelling-t5")
    tiny.echo(folder / "spelling-bart", "spelling-bart")
    return folder


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@pytest.fixture(scope="module")
def triton(
    compiled: Path, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Triton]:
    folder = tmp_path_factory.mktemp("triton")
    capturing = {"SLIPWAY_CAPTURE": f"file://{captures}", "SLIPWAY_CAPTURE_SECONDS": "0.2"}
    with server.running(folder, **capturing) as running:
        for name in MODELS:
            put(name, compiled, running.repository)
        with ThreadPoolExecutor() as pool:
            list(pool.map(running.load, MODELS))
        yield running


def put(name: str, compiled: Path, repository: Path) -> None:
    spec = load_models()[name]
    archive = package(spec, spec.target("cpu"), compiled / name, repository.parent / "archives")
    unpack_archive(archive, repository)


def unpack_archive(archive: Path, repository: Path) -> None:
    with tarfile.open(archive) as opened:
        unpack(opened, repository)


def test_an_ensemble_answers_as_the_runtime_does_in_process(triton: Triton, compiled: Path):
    texts = ["blue suede shoes", "jazz", "", "a word that nobody knows and very many more " * 9]

    answer = triton.infer("embedding", TEXT=texts)

    expected = load(compiled / "embedding").predict(texts)
    np.testing.assert_allclose(answer["EMBEDDING"], expected, atol=1e-6)


def test_pairs_of_unequal_length_answer_as_the_runtime_does(triton: Triton, compiled: Path):
    left, right = ["blue shoes", "jazz", ""], ["suede", "find me a piano", "blue"]

    answer = triton.infer("duplicates", LEFT=left, RIGHT=right)

    expected = load(compiled / "duplicates").predict(list(zip(left, right, strict=True)))
    np.testing.assert_allclose(answer["PROBABILITIES"], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "asked", "output"),
    [
        ("embedding", {"TEXT": ["find jazz", "piano"]}, "EMBEDDING"),
        ("duplicates", {"LEFT": ["blue shoes"], "RIGHT": ["blue suede shoes"]}, "PROBABILITIES"),
        ("spelling-t5", {"TEXT": ["find me jazz"]}, "CORRECTED"),
    ],
)
def test_what_is_asked_and_answered_is_captured_under_the_models_name(
    triton: Triton, captures: Path, model, asked, output
):
    answer = triton.infer(model, name=f"order-{model}", **asked)[output]

    record = captured(captures, f"order-{model}")
    inputs, made = (
        json.loads(record["captureData"][part]["data"])
        for part in ("endpointInput", "endpointOutput")
    )
    assert {item["name"]: item["data"] for item in inputs["inputs"]} == asked
    assert record["eventMetadata"]["customAttributes"][0].startswith(f"model={model},artifact=")
    (tensor,) = made["outputs"]
    assert tensor["name"] == output
    if output == "CORRECTED":
        assert tensor["data"] == answer
    else:
        np.testing.assert_allclose(tensor["data"], np.ravel(answer), atol=1e-4)


def captured(folder: Path, event: str) -> dict:
    """Wait for the record of an event; there is one alone."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        lines = [line for path in folder.rglob("*.jsonl") for line in path.read_text().splitlines()]
        if found := [line for line in lines if f'"{event}"' in line]:
            assert len(found) == 1
            return json.loads(found[0])
        time.sleep(0.1)
    raise AssertionError(f"no record of {event}")


def test_a_driven_seq2seq_answers_as_the_runtime_does(triton: Triton, compiled: Path):
    texts = ["Definately maby", "find me a wireless mouse", "", "é", "blue 靴"]

    answer = triton.infer("spelling-t5", TEXT=texts)

    assert answer["CORRECTED"] == load(compiled / "spelling-t5").predict(texts)


def test_a_speller_on_a_cpu_reads_decodes_and_writes_in_one_process(triton: Triton, tmp_path: Path):
    spec = sources.row("whole", "seq2seq", "t5", precision="fp32")
    source = Seq2SeqSource(sources.seq2seq_folder("t5", tmp_path / "source"), spec.limits)
    target = spec.target("cpu")
    made = COMPILERS["cpu"].compile(spec, target, source, tmp_path / "compiled")
    unpack_archive(package(spec, target, made.directory, tmp_path), triton.repository)
    triton.load("whole")
    texts = ["abc", "find me a mouse", "", "é", "x" * 200]

    answer = triton.infer("whole", TEXT=texts)

    assert answer["CORRECTED"] == load(made.directory).predict(texts)
    assert {name for name in triton.ready() if "whole" in name} == {"whole", "whole--model"}
    triton.unload("whole")


@pytest.mark.parametrize(
    ("model", "answered", "passes"),
    # a seq2seq query passes the engine's part twice: to be generated, and to become text
    [("embedding", "EMBEDDING", 1), ("spelling-t5", "CORRECTED", 2)],
)
def test_requests_of_unequal_length_share_a_batch_and_keep_their_answers(
    triton: Triton, compiled: Path, model: str, answered: str, passes: int
):
    texts = [" ".join(tiny.WORDS[: n % 9 + 1]) for n in range(64)]
    expected = load(compiled / model).predict(texts)
    before = triton.statistics(f"{model}--model")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda text: triton.infer(model, TEXT=[text])[answered][0], texts))

    if model == "embedding":
        np.testing.assert_allclose(answers, expected, atol=1e-6)
    else:
        assert answers == expected
    after = triton.statistics(f"{model}--model")
    inferences = after["inference_count"] - before["inference_count"]
    assert inferences == passes * len(texts)
    assert after["execution_count"] - before["execution_count"] < inferences


@pytest.mark.parametrize(
    ("part", "expected"),
    [("spelling-t5--model", True), ("spelling-t5--drive", False)],
)
def test_the_engines_part_alone_loads_an_engine(triton: Triton, part: str, expected: bool):
    mapped = processes.libraries(triton.pid, f"{part}/1/model.py")

    assert mapped
    assert all(("onnxruntime" in libraries) == expected for libraries in mapped)


@pytest.mark.parametrize(
    ("model", "tensors", "message"),
    [
        ("embedding", {"TEXT": []}, "TEXT"),
        ("embedding", {"WORDS": ["blue"]}, "WORDS"),
        ("duplicates", {"LEFT": ["a", "b"], "RIGHT": ["a"]}, "LEFT"),
        ("spelling-t5", {"TEXT": ["a"] * 9}, "batch-size must be <= 8"),
    ],
)
def test_a_malformed_request_is_refused_by_name(triton, model, tensors, message):
    with pytest.raises(RuntimeError, match=message):
        triton.infer(model, **tensors)


def test_text_that_is_not_utf8_is_refused_with_its_row(triton: Triton):
    client = pytest.importorskip("tritonclient.http")
    tensor = client.InferInput("TEXT", [2, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[b"blue"], [b"\xff\xfe"]], dtype=np.object_))

    with (
        client.InferenceServerClient(triton.address) as connection,
        pytest.raises(client.InferenceServerException, match="TEXT: row 1 is not UTF-8"),
    ):
        connection.infer("embedding", [tensor])


def test_unloading_a_driven_model_leaves_nothing_of_it_loaded(triton: Triton, compiled: Path):
    put("spelling-bart", compiled, triton.repository)
    triton.load("spelling-bart")
    assert "spelling-bart--model" in triton.ready()

    triton.unload("spelling-bart")

    assert eventually(
        lambda: not any(n.startswith("spelling-bart") for n in triton.ready()), seconds=10
    )


def test_a_driven_model_is_evicted_and_loaded_again_at_once(triton: Triton):
    for _ in range(3):
        triton.unload("spelling-t5")
        triton.load("spelling-t5")

        assert len(triton.infer("spelling-t5", TEXT=["blue"])["CORRECTED"]) == 1


def test_an_altered_file_stops_the_load_and_is_named(triton: Triton, compiled: Path):
    folder = triton.repository
    put("spelling-bart", compiled, folder)
    weights = folder / "spelling-bart--model" / "1" / "artifact" / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")

    with pytest.raises(RuntimeError, match=r"model\.onnx: sha256 is .*, expected"):
        triton.load("spelling-bart")
