"""Starts and stops the emulator; a second start adopts the one that runs."""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from local import ledger
from local.paths import CLOUD_PYTHON, ROOT, Workplace, search_path, workplace

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
NAME = "emulator"
ACCOUNT = "000000000000"
REGION = "us-east-1"
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}  # what this process started, to be reaped


class CloudDidNotStart(Exception):
    """The emulator ended or stayed silent; the message holds the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running emulator."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        """Its address, for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"


def start(place: Workplace | None = None) -> Server:
    """Start the emulator, or adopt the one that already runs.

    Raises:
        CloudDidNotStart: If it does not answer within a minute.
    """
    place = place or workplace()
    with _locked(place):
        running = find(place)
        if running is not None:
            return running
        port = _recorded_port(place)
        _end_groups(place)
        return _launch(place, port if port and _is_free(port) else _free_port())


def stop(place: Workplace | None = None) -> None:
    """Stop the emulator and everything that it or a killed predecessor started."""
    place = place or workplace()
    with _locked(place):
        for group in ledger.groups(place.processes):
            if group.name == NAME:  # first: it saves its state and ends its own children
                ledger.end(group, place.processes, grace_s=STOP_TIMEOUT_S)
                child = _CHILDREN.pop(group.pgid, None)
                if child is not None:
                    child.wait()
        _end_groups(place)


def find(place: Workplace | None = None) -> Server | None:
    """Return the running emulator, or None."""
    place = place or workplace()
    for group in ledger.groups(place.processes):
        port = _recorded_port(place)
        if group.name == NAME and port and group.members() and _answers(port):
            return Server(group.pgid, port)
    return None


def _launch(place: Workplace, port: int) -> Server:
    for folder in (place.state, place.objects, place.builds, place.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    log = place.log_file.open("wb")
    with log:
        process = ledger.spawn(
            [CLOUD_PYTHON, "-m", "local.emulator"],
            name=NAME,
            ledger=place.processes,
            environment=_environment(place, port),
            folder=ROOT,
            output=log,
        )
    _CHILDREN[process.pid] = process
    place.server_file.write_text(json.dumps({"pid": process.pid, "port": port}))
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(port):
            return Server(process.pid, port)
        time.sleep(0.05)
    _end_groups(place)
    tail = "\n".join(place.log_file.read_text(errors="replace").splitlines()[-15:])
    raise CloudDidNotStart(f"the emulator did not start on port {port}; its log ends with\n{tail}")


def _environment(place: Workplace, port: int) -> dict[str, str]:
    """Return the whole environment of the emulator.

    AWS_ENDPOINT_URL is left out on purpose: Lambda functions would inherit it as it is.
    """
    return {
        "PATH": search_path(os.environ.get("PATH", os.defpath)),
        "HOME": os.environ.get("HOME", str(place.scratch)),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(place.scratch),
        "SLIPWAY_STATE": str(place.root),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(place.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(place.objects),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{place.root}/no-docker",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "OMP_NUM_THREADS": "1",
        "SLIPWAY_PACE": os.environ.get("SLIPWAY_PACE", "1"),
    }


def _answers(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/_ministack/health"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def _recorded_port(place: Workplace) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads(place.server_file.read_text())["port"])
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _end_groups(place: Workplace) -> None:
    for group in ledger.groups(place.processes):
        ledger.end(group, place.processes)


@contextlib.contextmanager
def _locked(place: Workplace) -> Iterator[None]:
    place.root.mkdir(parents=True, exist_ok=True)
    with place.lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def memory_mb(server: Server) -> float:
    """Return the resident memory of the emulator process itself, in MB."""
    return float(psutil.Process(server.pid).memory_info().rss) / 1e6
