"""The real Triton on loopback over gRPC, for measuring: start, load archives, ask.

It is the image's own where there is one, as in the serving image, else that of the locked wheel.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tritonclient import grpc

from model_build.steps import NotBuildable
from serving.runtime.archive import unpack

START_SECONDS = 60.0
INSTALLED = Path("/opt/tritonserver")
WHEEL = Path(sysconfig.get_path("purelib")) / "pytriton" / "tritonserver"
LIBRARIES = WHEEL.parents[1] / "nvidia_pytriton.libs"

Row = str | tuple[str, str]


class Triton:
    """A running server with explicit model control over one repository folder."""

    def __init__(self, address: str, repository: Path) -> None:
        """Connect to a server."""
        self.address, self._repository = address, repository
        self.folder = repository.parent
        self.client = grpc.InferenceServerClient(address)

    def load(self, archive: Path) -> str:
        """Unpack an archive and load its ensemble; return its name."""
        name = archive.name.partition(".")[0]
        for old in self._repository.glob(f"{name}*"):
            shutil.rmtree(old)
        with tarfile.open(archive) as opened:
            unpack(opened, self._repository)
        self.client.load_model(name)
        return name

    def unload(self, name: str) -> None:
        """Unload an ensemble and its parts."""
        self.client.unload_model(name, unload_dependents=True)

    def asker(self, model: str, batch: int = 1) -> Callable[[Sequence[Row]], Any]:
        """Return a call that sends rows and waits for the answer; one connection of its own."""
        client = grpc.InferenceServerClient(self.address)
        tensors: dict[str, Any] = {}

        def ask(rows: Sequence[Row]) -> Any:
            for name, column in columns(rows).items():
                if name not in tensors:
                    tensors[name] = grpc.InferInput(name, [batch, 1], "BYTES")
                table = np.array([text.encode() for text in column], dtype=np.object_)
                tensors[name].set_data_from_numpy(table.reshape(-1, 1))
            return client.infer(model, list(tensors.values()))

        return ask


def columns(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return rows by the names of the tensors that carry them."""
    if isinstance(rows[0], str):
        return {"TEXT": [str(row) for row in rows]}
    return {name: [row[side] for row in rows] for side, name in enumerate(("LEFT", "RIGHT"))}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Triton]:
    """Start Triton over `folder/repository` and stop it with all that it started.

    Raises:
        NotBuildable: There is no server, or it does not start; the message has the end of its log.
    """
    if not INSTALLED.exists() and not WHEEL.exists():
        raise NotBuildable(
            f"options.search: no Triton server here ({INSTALLED}, or the wheel nvidia-pytriton):"
            " run this in the serving image, or install the wheel"
        )
    repository = folder / "repository"
    repository.mkdir(parents=True)
    port, http = _free_port(), _free_port()
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    home = INSTALLED
    backends = INSTALLED / "backends"
    if not INSTALLED.exists():
        home, backends = WHEEL, _backends(folder)
        environment["LD_LIBRARY_PATH"] = str(LIBRARIES)
        # The wheel's stub takes our Python from there; an image's has its own, of another version.
        environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
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
    raise NotBuildable(f"Triton did not start:\n{log.read_text(errors='replace')[-2000:]}")


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
