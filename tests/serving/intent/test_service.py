"""The service's own process, over HTTP."""

import json
import os
import signal
import socket
import tarfile
import time
from pathlib import Path

import psutil
import pytest

from catalog import digest
from serving.runtime import load
from tests.serving.intent.conftest import LABELS, Service, free_port, launch, serving, variables
from tests.serving.patience import eventually


def test_an_answer_is_the_runtimes_answer(service: Service, compiled: Path, archive: Path):
    status, answer = service.ask({"text": "find me jazz"})

    (expected,) = load(compiled).predict(["find me jazz"])
    assert status == 200
    assert answer["intent"] == LABELS[expected.argmax()]
    assert answer["confidence"] == pytest.approx(expected.max(), abs=1e-5)
    assert list(answer["probabilities"]) == list(LABELS)
    assert answer["model"] == "intent"
    assert answer["artifact"] == digest.of_file(archive)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b'{"text"', 400, "body: is not JSON"),
        (b"[" * 10_000, 400, "body: is not JSON"),
        (b'"text"', 400, "body: is not a JSON object"),
        (b'{"text": "\xff\xfe"}', 400, "body: is not JSON"),
        (b'{"text": NaN}', 400, "body: is not JSON"),
        (b'{"text": "a", "k": Infinity}', 400, "body: is not JSON"),
        (b'{"txt": "a"}', 422, "text: is missing"),
        (b'{"text": 3}', 422, "text: is 3"),
        (b'{"text": "  "}', 422, "text: is empty"),
        (json.dumps({"text": "a" * 2_001}).encode(), 422, "text: has 2001 characters"),
        (b" " * 20_000, 413, "body: has 20000 bytes"),
        (b" " * 1_000_000, 413, "body: has 1000000 bytes"),
    ],
)
def test_a_malformed_request_is_refused_by_key(service, body, status, message):
    answered, text = service.call("/v1/intent", body)

    assert answered == status
    problem = json.loads(text)
    assert problem["detail"].startswith(message)
    assert problem["status"] == status
    assert problem["type"].startswith("urn:slipway:problem:")


def test_text_of_any_script_is_answered(service: Service):
    assert service.ask({"text": "é 漢字 \ud800 \0"})[0] == 200


def test_unknown_paths_and_methods_are_named(service: Service):
    assert service.call("/v2/intent")[0] == 404
    assert service.call("/v1/intent")[0] == 405
    assert service.call("/readyz", b"{}")[0] == 405


def test_metrics_count_what_was_answered(service: Service):
    service.ask({"text": "jazz"})

    status, text = service.call("/metrics")

    assert status == 200
    assert 'slipway_intent_requests_total{status="200"}' in text
    assert "slipway_intent_ready 1" in text


def test_a_request_under_way_is_answered_after_sigterm(archive: Path):
    body = b'{"text": "jazz"}'
    head = b"POST /v1/intent HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)

    with serving(archive) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(head + body[:5])
            time.sleep(0.2)
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            connection.sendall(body[5:])
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        assert running.process.wait(20) == 0


def test_a_draining_service_answers_newcomers_until_a_second_sigterm(archive: Path):
    with serving(archive, SLIPWAY_DRAIN_SECONDS="60") as running:
        running.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 20
        while running.ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

        assert running.call("/readyz")[0] == 503
        assert running.ask({"text": "jazz"})[0] == 200

        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0


def test_a_service_ends_when_one_of_its_workers_dies(archive: Path):
    with serving(archive, SLIPWAY_WORKERS="2") as running:
        workers = [
            child
            for child in psutil.Process(running.process.pid).children()
            if "spawn_main" in " ".join(child.cmdline())
        ]
        assert len(workers) == 2

        workers[0].kill()

        assert running.process.wait(30) == 1
        assert not workers[1].is_running()


def test_what_was_captured_is_written_before_the_service_ends(archive: Path, tmp_path: Path):
    with serving(archive, SLIPWAY_CAPTURE=f"file://{tmp_path}", SLIPWAY_ENDPOINT="e") as running:
        answer = running.ask({"text": "call +49 30 901820"})[1]

    (path,) = (tmp_path / "e" / "main").rglob("*.jsonl")
    record = json.loads(path.read_text())
    made = json.loads(record["captureData"]["endpointOutput"]["data"])
    assert json.loads(record["captureData"]["endpointInput"]["data"]) == {"text": "call <phone>"}
    assert made["probabilities"] == pytest.approx(answer["probabilities"], abs=1e-4)


def test_another_digest_stops_the_service_before_anything_is_unpacked(archive: Path):
    process = launch(variables(archive) | {"SLIPWAY_ARTIFACT_SHA256": "0" * 64})

    _, error = process.communicate(timeout=20)

    assert process.returncode == 2
    assert f"sha256 is {digest.of_file(archive)}, the release says {'0' * 64}" in error


def test_a_model_that_cannot_be_loaded_ends_the_process(compiled: Path, tmp_path: Path):
    broken = tmp_path / "broken.tar.gz"
    with tarfile.open(broken, "w:gz") as opened:
        opened.add(compiled / "model.json", "model.json")

    process = launch(variables(broken, SLIPWAY_PORT=str(free_port())))
    _, error = process.communicate(timeout=20)

    assert process.returncode != 0
    assert "missing" in error


def test_an_unset_variable_is_named():
    process = launch({})

    _, error = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "SLIPWAY_ARTIFACT_SHA256 is not set" in error


@pytest.mark.parametrize(("milliseconds", "spinners"), [("50", 1), ("0", 0)])
def test_a_worker_has_a_spinner_of_the_lowest_class_unless_it_is_switched_off(
    archive: Path, milliseconds: str, spinners: int
):
    with serving(archive, SLIPWAY_AWAKE_MS=milliseconds) as service:
        service.ask({"text": "play jazz"})
        below = psutil.Process(service.process.pid).children(recursive=True)
        found = [each for each in below if "spinner.py" in " ".join(each.cmdline())]

        assert len(found) == spinners
        assert eventually(
            lambda: all(os.sched_getscheduler(each.pid) == os.SCHED_IDLE for each in found)
        )

    assert not any(each.is_running() for each in found)
