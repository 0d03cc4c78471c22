"""The real TorchServe on loopback, for tests."""

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ads.server import torchserve

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
    told = {"PYTHONDONTWRITEBYTECODE": "", **variables}
    with torchserve(folder, store, **told) as server:
        yield TorchServe(server.pid, server.address, server.log)
