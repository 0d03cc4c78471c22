"""The service's own process, over HTTP."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import digest
from catalog.load import load_models
from model_build.package import package
from serving.runtime import load
from tests.serving import tiny

ROOT = Path(__file__).resolve().parents[3]
LABELS = ("play", "weather", "navigate")


class Service:
    """A running service."""

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process = process
        self.port = port

    def call(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Return status and body of a GET, or of a POST if there is a body."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def ask(self, document: object) -> tuple[int, dict]:
        """Post a JSON document to /v1/intent."""
        status, body = self.call("/v1/intent", json.dumps(document).encode())
        return status, json.loads(body)


def variables(archive: Path, **more: str) -> dict[str, str]:
    return {
        "SLIPWAY_ARTIFACT": str(archive),
        "SLIPWAY_ARTIFACT_SHA256": digest.of_file(archive),
        "SLIPWAY_HOST": "127.0.0.1",
        **more,
    }


def launch(environment: dict[str, str]) -> subprocess.Popen:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    return subprocess.Popen(
        [sys.executable, "-m", "serving.intent"], cwd=ROOT, env=kept | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(archive: Path) -> Iterator[Service]:
    port = free_port()
    process = launch(variables(archive, SLIPWAY_PORT=str(port)))
    service = Service(process, port)
    try:
        deadline = time.monotonic() + 20
        while not ready(service):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield service
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ready(service: Service) -> bool:
    try:
        return service.call("/readyz")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intent") / "compiled"
    return tiny.encoder(folder, "intent", "classification", LABELS)


@pytest.fixture(scope="module")
def archive(compiled: Path) -> Path:
    spec = load_models()["intent"]
    return package(spec, spec.target("cpu"), compiled, compiled.parent)


@pytest.fixture(scope="module")
def service(archive: Path) -> Iterator[Service]:
    with serving(archive) as running:
        yield running


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
        (b'{"txt": "a"}', 422, "text: is missing"),
        (b'{"text": 3}', 422, "text: is 3"),
        (b'{"text": "  "}', 422, "text: is empty"),
        (json.dumps({"text": "a" * 2_001}).encode(), 413, "text: has 2001 characters"),
        (b" " * 20_000, 413, "body: has 20000 bytes"),
    ],
)
def test_a_malformed_request_is_refused_by_key(service, body, status, message):
    answered, text = service.call("/v1/intent", body)

    assert answered == status
    assert json.loads(text)["error"].startswith(message)


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
