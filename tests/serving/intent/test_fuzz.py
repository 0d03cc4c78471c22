"""Whatever is sent, the answer is one that the service's own OpenAPI description allows."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.serving.intent.conftest import Service

ASK = b"POST /v1/intent HTTP/1.1\r\nhost: x\r\ncontent-length: 16\r\n\r\n"


@pytest.mark.slow
def test_every_answer_to_made_up_requests_is_as_described(service: Service, tmp_path: Path):
    command = [
        Path(sys.executable).with_name("schemathesis"), "run",
        f"http://127.0.0.1:{service.port}/openapi.json", "--checks", "all", "--seed", "7",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--no-color",
    ]  # fmt: skip
    # Reports and settings must not come from, or go to, anybody's home.
    environment = os.environ | {"HOME": str(tmp_path)}

    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
    assert service.ready()


def raw(service: Service, data: bytes) -> bytes:
    """Send bytes, hang up the sending half, and return what comes back."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe nonsense\r\n\r\n",
        b"POST /v1/intent HTTP/1.1\r\n\r\n",
        b"POST /v1/intent HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/intent HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
        ASK + b'{"text',
        b"POST /v1/intent HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_what_is_hardly_http_hurts_nobody(service: Service, data: bytes):
    answer = raw(service, data)

    assert not answer or answer.split(b"\r\n")[0].split()[1].startswith(b"4"), answer
    assert b"Traceback" not in answer
    assert service.ask({"text": "jazz"})[0] == 200


def test_slow_clients_and_a_flood_of_connections_do_not_keep_others_waiting(service: Service):
    address = ("127.0.0.1", service.port)
    slow = [socket.create_connection(address, timeout=20) for _ in range(300)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall((ASK + b'{"te')[: 20 + number % 60])

        started = time.monotonic()
        status, answer = service.ask({"text": "jazz"})

        assert (status, answer["model"]) == (200, "intent")
        assert time.monotonic() - started < 5
    finally:
        for connection in slow:
            connection.close()
    assert json.loads(service.call("/openapi.json")[1])["openapi"] == "3.1.0"
