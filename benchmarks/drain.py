"""The drain drill: a rolling deploy under load, in which no request may fail.

`python -m benchmarks.drain [--artifact FILE] [--rate R] [--seconds S]`

A balancer sends each connection to a service that says it is ready, as a load balancer does. Under
load a second service comes up, the first gets SIGTERM. Exits with 1 if a request was lost.
"""

import argparse
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import load, servers
from benchmarks.intent import compiled
from benchmarks.table import heading

CHECK_SECONDS = 0.1


@dataclass
class Balancer:
    """Forwards connections to services that are ready, in turn.

    One that is too busy to say whether it is ready stays what it was. Like AWS's, the balancer goes
    on with those it had where none is ready: it never turns a client away.

    Attributes:
        targets: The services; more may be added.
        port: Where it listens.
    """

    targets: list[servers.System]
    port: int = field(default_factory=servers.free_port)
    _ready: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return what clients ask."""
        return f"http://127.0.0.1:{self.port}/v1/intent"

    @contextmanager
    def open(self) -> Iterator["Balancer"]:
        """Check health and forward until left."""
        with socket.create_server(("127.0.0.1", self.port), backlog=256) as listener:
            listener.settimeout(CHECK_SECONDS)
            threads = [
                threading.Thread(target=self._check, daemon=True),
                threading.Thread(target=self._accept, args=(listener,), daemon=True),
            ]
            for thread in threads:
                thread.start()
            try:
                yield self
            finally:
                self._stop.set()
                for thread in threads:
                    thread.join()

    def ready(self) -> int:
        """Return how many services are given connections."""
        return len(self._ready)

    def _check(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            ports = [_port(target) for target in self.targets]
            self._ready = [port for port in ports if self._stays(port)] or self._ready

    def _stays(self, port: int) -> bool:
        ready = _is_ready(port)
        return port in self._ready if ready is None else ready

    def _accept(self, listener: socket.socket) -> None:
        turn = 0
        while not self._stop.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            turn += 1
            upstream = self._connect(turn)
            if upstream is None:
                client.close()
                continue
            for source, sink in ((client, upstream), (upstream, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def _connect(self, turn: int) -> socket.socket | None:
        """Connect to the next service, or to another if it has stopped: nothing was asked yet."""
        ready = list(self._ready)
        for offset in range(len(ready)):
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", ready[(turn + offset) % len(ready)]))
        return None


def drill(archive: Path, rate: float, seconds: float) -> tuple[load.Point, int]:
    """Deploy under load; return what clients saw, and the first service's exit code."""
    first = _service(archive)
    second: list[servers.System] = []
    with servers.running([first]), Balancer([first]).open() as balancer:
        _until(balancer, 1)

        def deploy() -> None:
            time.sleep(seconds / 5)
            second.append(_service(archive))
            balancer.targets.append(second[0])
            _until(balancer, 2)
            first.process.send_signal(signal.SIGTERM)

        deployment = threading.Thread(target=deploy)
        deployment.start()
        point = load.measure(balancer.url, rate, seconds)
        deployment.join()
        with servers.running(second):
            return point, first.process.wait(30)


def _service(archive: Path) -> servers.System:
    # A busy machine must not shed here: what is asked is whether a request gets lost.
    names = ("QUEUE_BUDGET_MS", "QUEUE_LIMIT", "DEADLINE_MS")
    patience = {f"SLIPWAY_{name}": "10000" for name in names}
    return servers.shipped(archive, workers=1, **patience)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the drill, print what happened, return 1 if a request was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drain", description=__doc__)
    parser.add_argument("--artifact", type=Path, help="the archive (default: compile the row)")
    parser.add_argument("--rate", type=float, default=100, help="requests a second (default: 100)")
    parser.add_argument("--seconds", type=float, default=20, help="default: 20")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        archive = options.artifact or compiled(Path(scratch))
        point, code = drill(archive, options.rate, options.seconds)
    print(heading("Drain drill", "SIGTERM under load, a second service takes over"))
    print(load.table([point]))
    met = point.lost == 0 and point.refused == 0 and code == 0
    print(f"{'met' if met else 'MISSED'}: no request lost, exit code {code}")
    return 0 if met else 1


def _until(balancer: Balancer, count: int) -> None:
    deadline = time.monotonic() + servers.START_SECONDS
    while balancer.ready() < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{balancer.ready()} of {count} services became ready in time")
        time.sleep(CHECK_SECONDS)


def _port(system: servers.System) -> int:
    return int(system.url.split(":")[2].split("/")[0])


def _is_ready(port: int) -> bool | None:
    """Return None if it does not say in time."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
            return True
    except urllib.error.HTTPError:
        return False
    except (urllib.error.URLError, OSError) as error:
        gone = isinstance(getattr(error, "reason", error), ConnectionError)
        return False if gone else None


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


if __name__ == "__main__":
    sys.exit(main())
