"""The real Triton on loopback over gRPC, for measuring: start, load archives, ask."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tritonclient import grpc

START_SECONDS = 60.0
INSTALLED = Path("/opt/tritonserver")
WHEEL = Path(sysconfig.get_path("purelib")) / "pytriton" / "tritonserver"


class Triton:
    """A running server with explicit model control over one repository folder."""

    def __init__(self, address: str, repository: Path) -> None:
        """Connect to a server."""
        self.address, self._repository = address, repository
        self.client = grpc.InferenceServerClient(address)

    def load(self, archive: Path) -> str:
        """Unpack an archive and load its ensemble; return its name."""
        name = archive.name.partition(".")[0]
        for old in self._repository.glob(f"{name}*"):
            shutil.rmtree(old)
        with tarfile.open(archive) as opened:
            opened.extractall(self._repository, filter="data")
        self.client.load_model(name)
        return name

    def unload(self, name: str) -> None:
        """Unload an ensemble and its parts."""
        self.client.unload_model(name, unload_dependents=True)

    def asker(self, model: str, batch: int = 1) -> Callable[[list[str]], Any]:
        """Return a call that sends texts and waits for the answer; one connection of its own."""
        client = grpc.InferenceServerClient(self.address)
        tensor = grpc.InferInput("TEXT", [batch, 1], "BYTES")

        def ask(texts: list[str]) -> Any:
            column = np.array([text.encode() for text in texts], dtype=np.object_)
            tensor.set_data_from_numpy(column.reshape(-1, 1))
            return client.infer(model, [tensor])

        return ask


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Triton]:
    """Start Triton over `folder/repository` and stop it with all that it started."""
    repository = folder / "repository"
    repository.mkdir(parents=True)
    port, http = _free_port(), _free_port()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    home = INSTALLED
    backends = INSTALLED / "backends"
    if not INSTALLED.exists():
        home, backends = WHEEL, _backends(folder)
        environment["LD_LIBRARY_PATH"] = str(WHEEL.parents[1] / "nvidia_pytriton.libs")
    command = [
        str(home / "bin" / "tritonserver"), f"--model-repository={repository}",
        f"--backend-directory={backends}", "--model-control-mode=explicit",
        "--disable-auto-complete-config", "--grpc-address=127.0.0.1", f"--grpc-port={port}",
        "--http-address=127.0.0.1", f"--http-port={http}", "--allow-metrics=false",
        "--exit-timeout-secs=3",
    ]  # fmt: skip
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream)
    try:
        triton = Triton(f"127.0.0.1:{port}", repository)
        _wait(triton, process, log)
        yield triton
    finally:
        process.terminate()
        process.wait(30)


def _wait(triton: Triton, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(grpc.InferenceServerException):
            if triton.client.is_server_ready():
                return
        time.sleep(0.1)
    raise RuntimeError(f"Triton did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _backends(folder: Path) -> Path:
    target = folder / "backends" / "python"
    shutil.copytree(WHEEL / "backends" / "python", target)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    stub = target / "triton_python_backend_stub"
    shutil.copy(WHEEL / "python_backend_stubs" / version / stub.name, stub)
    stub.chmod(0o755)
    return target.parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
