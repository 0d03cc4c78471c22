"""The real TorchServe on loopback, with the image's own settings, over a folder of archives."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serving.torchserve.__main__ import command, settings

START_SECONDS = 60
ADDRESSES = ("inference", "management", "metrics")


@dataclass(frozen=True)
class Running:
    """A running server: its process, the address that answers (`HOST:PORT`), and its log."""

    pid: int
    address: str
    log: Path


@contextlib.contextmanager
def torchserve(
    folder: Path, store: Path, *, system_metrics: bool = True, **variables: str
) -> Iterator[Running]:
    """Start the server, yield it, and stop it.

    Args:
        folder: Where it keeps its own files.
        store: Holds the archives; all are loaded.
        system_metrics: Whether it looks at the machine now and then, which takes a core's time.
        variables: Of its environment, beside those of this process.

    Raises:
        RuntimeError: It does not start; the message is the end of its log.
    """
    ports = _free_ports(5)
    changed = {
        f"{n}_address": f"http://127.0.0.1:{p}" for n, p in zip(ADDRESSES, ports, strict=False)
    }
    changed["model_store"] = str(store)
    if not system_metrics:
        changed["disable_system_metrics"] = "true"
    changed |= {f"grpc_{name}_address": "127.0.0.1" for name in ADDRESSES[:2]}
    changed |= {f"grpc_{n}_port": str(p) for n, p in zip(ADDRESSES, ports[3:], strict=False)}
    found = settings() | changed
    found["vmargs"] += f" -Djava.io.tmpdir={folder}"
    config = folder / "config.properties"
    config.write_text("".join(f"{key}={value}\n" for key, value in found.items()))
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command(config),
            cwd=folder,
            stdout=stream,
            stderr=stream,
            env=os.environ | variables,
        )
    try:
        _wait(ports[0], process, log)
        yield Running(process.pid, f"127.0.0.1:{ports[0]}", log)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=1).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"TorchServe did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
