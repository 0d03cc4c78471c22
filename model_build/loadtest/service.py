"""Servers as processes on loopback: start, wait until they are ready, end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog import digest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass(frozen=True)
class System:
    """One way to serve the model.

    Attributes:
        name: What tables call it.
        url: What is asked.
        process: The parent of its processes.
    """

    name: str
    url: str
    process: subprocess.Popen[bytes]


def shipped(archive: Path, workers: int, **variables: str) -> System:
    """Start the intent service; `variables` add to or replace those of its environment."""
    port = free_port()
    told = {
        "SLIPWAY_ARTIFACT": str(archive),
        "SLIPWAY_ARTIFACT_SHA256": digest.of_file(archive),
        "SLIPWAY_HOST": "127.0.0.1",
        "SLIPWAY_PORT": str(port),
        "SLIPWAY_WORKERS": str(workers),
    }
    return start("service", port, ["serving.intent"], told | variables)


@contextmanager
def running(systems: Sequence[System]) -> Iterator[Sequence[System]]:
    """Wait until all are ready; end them afterwards."""
    try:
        for system in systems:
            _await_ready(system)
        yield systems
    finally:
        for system in systems:
            system.process.send_signal(signal.SIGTERM)
        for system in systems:
            try:
                system.process.wait(30)
            except subprocess.TimeoutExpired:
                system.process.kill()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(name: str, port: int, arguments: Sequence[str], told: dict[str, str]) -> System:
    """Start `python -m ARGUMENTS` with variables of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | told | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return System(name, f"http://127.0.0.1:{port}/v1/intent", process)


def _await_ready(system: System) -> None:
    deadline = time.monotonic() + START_SECONDS
    url = system.url.replace("/v1/intent", "/readyz")
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own process
                return
        except (urllib.error.URLError, OSError) as error:
            if system.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{system.name} does not become ready ({error})") from error
            time.sleep(0.1)
