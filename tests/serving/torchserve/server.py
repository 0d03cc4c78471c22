"""The real TorchServe on loopback, for tests."""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from serving.torchserve.__main__ import command, settings

START_SECONDS = 60
BOUNDARY = "a-boundary"


class TorchServe:
    """A running server, asked as SageMaker asks it: POST /invocations."""

    def __init__(self, pid: int, address: str, log: Path) -> None:
        self.pid = pid
        self.address = address
        self.log = log

    def invoke(self, body: bytes, content_type: str) -> tuple[int, dict]:
        """Return status and JSON of one invocation."""
        request = urllib.request.Request(
            f"http://{self.address}/invocations", body, {"Content-Type": content_type}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


def form(**fields: bytes) -> tuple[bytes, str]:
    """Return the body and content type of a multipart form."""
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
        + b"Content-Type: application/octet-stream\r\n\r\n" + value + b"\r\n"
        for name, value in fields.items()
    )  # fmt: skip
    return body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


@contextlib.contextmanager
def running(folder: Path, store: Path, **variables: str) -> Iterator[TorchServe]:
    """Start TorchServe over the archives of a folder with the image's own settings; stop it."""
    ports = _free_ports(5)
    changed = {
        "inference_address": f"http://127.0.0.1:{ports[0]}",
        "management_address": f"http://127.0.0.1:{ports[1]}",
        "metrics_address": f"http://127.0.0.1:{ports[2]}",
        "model_store": str(store),
        "grpc_inference_address": "127.0.0.1",
        "grpc_inference_port": str(ports[3]),
        "grpc_management_address": "127.0.0.1",
        "grpc_management_port": str(ports[4]),
    }
    found = settings()
    found |= changed | {"vmargs": f"{found['vmargs']} -Djava.io.tmpdir={folder}"}
    config = folder / "config.properties"
    config.write_text("".join(f"{key}={value}\n" for key, value in found.items()))
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command(config), cwd=folder, stdout=stream, stderr=stream,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "", **variables},
        )  # fmt: skip
    try:
        address = f"127.0.0.1:{ports[0]}"
        _wait(address, process, log)
        yield TorchServe(process.pid, address, log)
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{address}/ping", timeout=1).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"TorchServe did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
