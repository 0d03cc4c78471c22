"""What the real server does with bad input, deadlines, counters and archives for a GPU."""

import contextlib
import json
import os
import sys
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from catalog.load import load_models
from model_build.package import package
from serving.runtime import load
from serving.runtime.archive import unpack
from serving.triton import client
from tests.model_build.package import g5
from tests.serving import tiny
from tests.serving.triton import server
from tests.serving.triton.server import Triton

http = pytest.importorskip("tritonclient.http")
MODELS = ("embedding", "spelling-t5")
ODD = {
    "empty": "",
    "blank": "   ",
    "emoji": "jazz 🎷🎷 piano",
    "right to left": "موسيقى جاز",
    "combining": "é" * 40,
    "control characters": "blue\x00\x07 shoes",
    "10 kB": "blue suede shoes " * 600,
    "lone quote": '"',
}


@dataclass
class Running:
    triton: Triton
    log: Path
    compiled: Path
    tools: Path  # first in the parts' search path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("limits")
    compiled = folder / "compiled"
    tiny.encoder(compiled / "embedding", "embedding", "embedding")
    tiny.echo(compiled / "spelling-t5", "spelling-t5")
    port = server.free_port()
    tools = folder / "tools"
    tools.mkdir()
    settings = {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SLIPWAY_TRITON_METRICS": f"http://127.0.0.1:{port}/metrics",
        "SLIPWAY_METRICS_SECONDS": "0.5",
    }
    with server.running(folder / "triton", port, **settings) as triton:
        for name in MODELS:
            spec = load_models()[name]
            target = spec.target("cpu")
            archive = package(spec, target, compiled / name, folder / "archives")
            with tarfile.open(archive) as opened:
                unpack(opened, triton.repository)
        with ThreadPoolExecutor() as pool:
            list(pool.map(triton.load, MODELS))
        yield Running(triton, folder / "triton" / "server.log", compiled, tools)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_is_answered_as_in_process(running: Running, text: str):
    expected = load(running.compiled / "embedding").predict([text])

    answer = running.triton.infer("embedding", TEXT=[text])["EMBEDDING"]

    np.testing.assert_allclose(answer, expected, atol=1e-6)
    corrected = running.triton.infer("spelling-t5", TEXT=[text])["CORRECTED"]
    assert corrected == load(running.compiled / "spelling-t5").predict([text])


def test_a_wrong_tensor_type_is_refused_with_the_right_one(running: Running):
    tensor = http.InferInput("TEXT", [1, 1], "INT64")
    tensor.set_data_from_numpy(np.array([[7]]))

    with (
        http.InferenceServerClient(running.triton.address) as connection,
        pytest.raises(http.InferenceServerException, match=r"TEXT.*(INT64|TYPE_STRING)"),
    ):
        connection.infer("embedding", [tensor])


def test_an_unknown_model_is_not_found(running: Running):
    with pytest.raises(RuntimeError, match="unknown model: 'nobody'"):
        running.triton.infer("nobody", TEXT=["blue"])


def sent(running: Running, text: bytes) -> object:
    """The embedding of a text, or the error's message."""
    tensor = http.InferInput("TEXT", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[text]], dtype=np.object_))
    with http.InferenceServerClient(running.triton.address) as connection:
        try:
            return connection.infer("embedding", [tensor]).as_numpy("EMBEDDING")
        except http.InferenceServerException as error:
            return error.message()


def test_each_refusal_has_its_code(running: Running):
    def refused(model: str, value: object, kind: str = "BYTES", deadline: int = 0) -> str:
        tensor = http.InferInput("TEXT", [1, 1], kind)
        tensor.set_data_from_numpy(np.array([[value]], np.object_ if kind == "BYTES" else None))
        parameters = {"deadline": deadline} if deadline else None
        with (
            http.InferenceServerClient(running.triton.address) as connection,
            pytest.raises(http.InferenceServerException) as refusal,
        ):
            connection.infer(model, [tensor], parameters=parameters)
        return refusal.value.status()

    codes = {
        "not UTF-8": refused("embedding", b"\xff"),
        "another type": refused("embedding", 7, "INT64"),
        "unknown model": refused("nobody", b"blue"),
        "too late": refused("spelling-t5", b"blue", deadline=1),
    }

    assert codes == {
        "not UTF-8": "400",
        "another type": "400",
        "unknown model": "404",
        "too late": "503",
    }


def test_bad_requests_do_not_harm_those_beside_them(running: Running):
    def ask(number: int) -> object:
        return sent(running, b"\xff\xfe" if number % 2 else b"blue suede shoes")

    expected = load(running.compiled / "embedding").predict(["blue suede shoes"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(32)))

    assert not [good for good in answers[::2] if isinstance(good, str)]
    for good in answers[::2]:
        np.testing.assert_allclose(good, expected, atol=1e-6)
    assert all("is not UTF-8" in str(bad) for bad in answers[1::2])


@pytest.mark.parametrize("model", MODELS)
def test_a_deadline_that_has_passed_is_a_refusal_not_a_late_answer(running: Running, model: str):
    now = time.time_ns() // 1000

    running.triton.infer(model, deadline=now + 30_000_000, TEXT=["blue"])
    with pytest.raises(RuntimeError, match=r"deadline passed .* while the request waited"):
        running.triton.infer(model, deadline=now, TEXT=["blue"])


def test_what_waits_too_long_is_refused_and_the_others_are_answered(running: Running):
    long = ["blue suede shoes " * 600] * 8  # keeps the one text part busy for milliseconds
    soon = time.time_ns() // 1000 + 20_000

    def ask(number: int) -> str:
        try:
            running.triton.infer("spelling-t5", deadline=soon if number % 2 else 0, TEXT=long)
        except RuntimeError as error:
            return str(error)
        return "answered"

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(ask, range(24)))

    assert set(answers[::2]) == {"answered"}
    assert any("deadline passed" in answer for answer in answers[1::2])


def test_a_full_queue_refuses_at_once(running: Running):
    spec = load_models()["embedding"].model_copy(update={"name": "narrow"})
    wanted = spec.target("cpu")
    options = wanted.options.model_copy(update={"max_queue": 1})
    narrow = wanted.model_copy(update={"options": options})
    directory = tiny.encoder(running.compiled / "narrow", "narrow", "embedding")
    archive = package(spec, narrow, directory, running.compiled)
    with tarfile.open(archive) as opened:
        unpack(opened, running.triton.repository)
    running.triton.load("narrow")
    long = ["blue suede shoes " * 600] * 32

    def ask(_: int) -> str:
        try:
            running.triton.infer("narrow", TEXT=long)
        except RuntimeError as error:
            return str(error)
        return "answered"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(32)))

    assert "answered" in answers
    assert any("Exceeds maximum queue size" in answer for answer in answers)


def test_each_model_says_what_it_did_in_cloudwatchs_format(running: Running):
    time.sleep(1.2)  # what the tests before asked is said by now
    before = len(lines_of(running, "embedding"))
    for _ in range(5):
        running.triton.infer("embedding", TEXT=["blue", "jazz"])
    assert "is not UTF-8" in str(sent(running, b"\xff"))

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        said = lines_of(running, "embedding")[before:]
        if sum(line["Requests"] for line in said) >= 6:
            break
        time.sleep(0.1)

    assert sum(line["Errors"] for line in said) == 1
    assert sum(line["Requests"] for line in said) == 6
    # a window that saw the bad request alone has no times
    last = next(line for line in reversed(said) if line["Requests"] > line["Errors"])
    directive = last["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == "Slipway/Models"
    assert directive["Dimensions"] == [["Endpoint", "Model"]]
    assert last["Endpoint"] == "slipway-dev-search"
    assert {item["Name"] for item in directive["Metrics"]} <= set(last)
    assert last["LatencyP99"] >= last["LatencyP50"] > 0
    assert last["BatchSize"] >= 1
    assert last["QueueTime"] >= 0


def lines_of(running: Running, model: str) -> list[dict]:
    found = []
    for line in running.log.read_text(errors="replace").splitlines():
        if '"_aws"' in line:
            document = json.loads(line[line.index("{") :])
            if document["Model"] == model:
                found.append(document)
    return found


@pytest.mark.parametrize("name", ["embedding", "spelling-t5"])
def test_an_archive_for_a_gpu_is_understood_and_refused_with_its_tuple(
    running: Running, name: str, tmp_path: Path
):
    spec = g5.row(name)
    # under a name of its own, beside the loaded one
    spec = spec.model_copy(update={"name": f"{name}-gpu"})
    archive = package(spec, spec.target("g5"), g5.compiled(tmp_path / "g5", name), tmp_path)
    with tarfile.open(archive) as opened:
        unpack(opened, running.triton.repository)

    # Triton reads each part's configuration before it finds that it has no GPU
    lacking = r"unable to find backend library for backend 'tensorrt'|unsupported gpu id 0"
    with pytest.raises(RuntimeError, match=lacking):
        running.triton.load(f"{spec.name}--model")
    reader = "drive" if spec.task == "seq2seq" else "tokenize"
    with pytest.raises(RuntimeError) as refusal:
        running.triton.load(f"{spec.name}--{reader}")

    assert "(tensorrt 10.13.3.9, sm_86)" in str(refusal.value)
    assert "this server is (tensorrt 10.13.3.9, no GPU)" in str(refusal.value)


@contextlib.contextmanager
def gpu_part(running: Running, folder: Path, kind: str) -> Iterator[str]:
    """Load one part of an encoder's archive for a GPU, beside a driver that says it is one."""
    spec = g5.row("embedding").model_copy(update={"name": "padded"})
    directory = g5.compiled(folder / "g5", "embedding")
    with tarfile.open(package(spec, spec.target("g5"), directory, folder)) as opened:
        unpack(opened, running.triton.repository)
    tool = running.tools / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 8.6\n")
    tool.chmod(0o755)
    part = f"{spec.name}--{kind}"
    try:
        running.triton.load(part)
        yield part
    finally:
        tool.unlink()
        running.triton.unload(part)


def test_the_text_part_of_a_gpus_encoder_pads_to_the_lengths_of_its_graphs(
    running: Running, tmp_path: Path
):
    with gpu_part(running, tmp_path, "tokenize") as part:
        made = running.triton.infer(part, TEXT=["blue suede shoes", "jazz"])

    assert {len(row) for name in ("input_ids", "attention_mask") for row in made[name]} == {16}


def test_what_a_gpus_engine_made_too_late_is_refused(running: Running, tmp_path: Path):
    now = time.time_ns() // 1000
    vector = np.arange(tiny.WIDTH, dtype=np.float32)[None]
    with (
        gpu_part(running, tmp_path, "answer") as part,
        http.InferenceServerClient(running.triton.address) as connection,
    ):
        (made,) = connection.get_model_metadata(part)["inputs"]
        tensor = http.InferInput(made["name"], list(vector.shape), "FP32")
        tensor.set_data_from_numpy(vector)

        answer = connection.infer(part, [tensor], parameters={"deadline": now + 30_000_000})
        with pytest.raises(http.InferenceServerException, match="deadline passed") as refusal:
            connection.infer(part, [tensor], parameters={"deadline": now})

    assert refusal.value.status() == "503"
    np.testing.assert_array_equal(answer.as_numpy("EMBEDDING"), vector)


def test_a_caller_gets_its_query_unchanged_where_there_is_no_answer_in_time(running: Running):
    address = f"http://{running.triton.address}"
    expected = load(running.compiled / "spelling-t5").predict(["blue suede"])[0]

    assert client.corrected("blue suede", address, patience_ms=20_000) == expected
    assert client.corrected("blue suede", address, patience_ms=0.01) == "blue suede"
    assert client.corrected("blue suede", address, model="nobody") == "blue suede"
    assert client.corrected("blue suede", "http://127.0.0.1:9", patience_ms=100) == "blue suede"
