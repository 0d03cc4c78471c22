"""The real Triton server on loopback, for tests."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = Path(sysconfig.get_path("purelib")) / "pytriton" / "tritonserver"
START_SECONDS = 30


class Triton:
    """A running server with explicit model control over one repository folder."""

    def __init__(self, pid: int, port: int, repository: Path) -> None:
        self.pid = pid
        self.repository = repository
        self.address = f"127.0.0.1:{port}"

    def load(self, model: str) -> None:
        """Load a model; raises RuntimeError with Triton's message."""
        self._post(f"repository/models/{model}/load", {})

    def unload(self, model: str) -> None:
        """Unload a model and what only it needs."""
        body = {"parameters": {"unload_dependents": True}}
        self._post(f"repository/models/{model}/unload", body)

    def ready(self) -> set[str]:
        """Return the names of the loaded models."""
        index = json.loads(self._post("repository/index", {"ready": True}))
        return {item["name"] for item in index}

    def infer(
        self, model: str, deadline: int = 0, name: str = "", **tensors: list[str]
    ) -> dict[str, list]:
        """Send BYTES [N, 1] tensors as JSON; return the outputs' rows by name."""
        inputs = [
            {"name": name, "shape": [len(rows), 1], "datatype": "BYTES", "data": rows}
            for name, rows in tensors.items()
        ]
        body: dict[str, Any] = {"inputs": inputs}
        if name:
            body["id"] = name
        if deadline:
            body["parameters"] = {"deadline": deadline}
        answer = json.loads(self._post(f"models/{model}/infer", body))
        return {item["name"]: _rows(item) for item in answer["outputs"]}

    def statistics(self, model: str) -> dict[str, Any]:
        """Return Triton's counters of a model."""
        with urllib.request.urlopen(f"http://{self.address}/v2/models/{model}/stats") as answer:
            return json.load(answer)["model_stats"][0]

    def _post(self, path: str, body: dict[str, Any]) -> bytes:
        request = urllib.request.Request(
            f"http://{self.address}/v2/{path}", json.dumps(body).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(json.load(error)["error"]) from error


@contextlib.contextmanager
def running(folder: Path, metrics_port: int = 0, **settings: str) -> Iterator[Triton]:
    """Start Triton over `folder/repository`; stop it and its Python stubs.

    Args:
        folder: Where repository, backends and `server.log` go.
        metrics_port: Where Triton shows its counters; 0 for nowhere.
        settings: Environment variables of the server and its parts.
    """
    repository = folder / "repository"
    repository.mkdir(parents=True)
    backends = _backends(folder)
    port = free_port()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(HOME.parents[1] / "nvidia_pytriton.libs"),
        # Stubs import numpy and onnxruntime: without byte code that takes seconds each time.
        "PYTHONDONTWRITEBYTECODE": "",
        "SLIPWAY_IMAGE_TAG": "",
        "SLIPWAY_ENDPOINT": "slipway-dev-search",
        **settings,
    }
    command = [
        str(HOME / "bin" / "tritonserver"), f"--model-repository={repository}",
        f"--backend-directory={backends}", "--model-control-mode=explicit",
        "--disable-auto-complete-config", "--http-address=127.0.0.1", f"--http-port={port}",
        "--allow-grpc=false", "--exit-timeout-secs=3", *_metrics(metrics_port),
    ]  # fmt: skip
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait(port, process, folder / "server.log")
        yield Triton(process.pid, port, repository)
    finally:
        process.terminate()
        process.wait(20)


def _metrics(port: int) -> list[str]:
    if not port:
        return ["--allow-metrics=false"]
    return [
        "--metrics-address=127.0.0.1", f"--metrics-port={port}", "--allow-gpu-metrics=false",
        "--metrics-config=summary_latencies=true",
    ]  # fmt: skip


def _backends(folder: Path) -> Path:
    target = folder / "backends" / "python"
    shutil.copytree(HOME / "backends" / "python", target)
    stub = target / "triton_python_backend_stub"
    shutil.copy(HOME / "python_backend_stubs" / "3.11" / stub.name, stub)
    stub.chmod(0o755)
    return target.parent


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/health/ready", timeout=1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"Triton did not start:\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rows(output: dict[str, Any]) -> list:
    width = output["shape"][1]
    data = output["data"]
    return data if width == 1 else [data[i : i + width] for i in range(0, len(data), width)]
