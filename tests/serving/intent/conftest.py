"""The service as its own process, with a small model."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import digest
from catalog.load import load_models
from model_build.package import package
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

    def ready(self) -> bool:
        """Say whether it would be given requests."""
        try:
            return self.call("/readyz")[0] == 200
        except OSError:
            return False


def variables(archive: Path, **more: str) -> dict[str, str]:
    return {
        "SLIPWAY_ARTIFACT": str(archive),
        "SLIPWAY_ARTIFACT_SHA256": digest.of_file(archive),
        "SLIPWAY_HOST": "127.0.0.1",
        "SLIPWAY_DRAIN_SECONDS": "0",
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
def serving(archive: Path, **more: str) -> Iterator[Service]:
    port = free_port()
    service = Service(launch(variables(archive, SLIPWAY_PORT=str(port), **more)), port)
    try:
        deadline = time.monotonic() + 20
        while not service.ready():
            assert service.process.poll() is None, service.process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield service
    finally:
        service.process.terminate()
        service.process.communicate(timeout=30)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intent") / "compiled"
    return tiny.encoder(folder, "intent", "classification", LABELS)


@pytest.fixture(scope="session")
def archive(compiled: Path) -> Path:
    spec = load_models()["intent"]
    return package(spec, spec.target("cpu"), compiled, compiled.parent)


@pytest.fixture(scope="session")
def service(archive: Path) -> Iterator[Service]:
    with serving(archive) as running:
        yield running
