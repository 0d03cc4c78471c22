"""One host of an endpoint: a launcher, the model server under it, and the way to talk to it."""

import asyncio
import contextlib
import json
from pathlib import Path

import psutil

from local import ledger
from local.endpoints.errors import HostFailed
from local.endpoints.hosts.http import Pool
from local.endpoints.hosts.order import Order

LAUNCHER = Path(__file__).with_name("launcher.py")
PING_EVERY = 0.05
LOG_TAIL = 600


class Host:
    """A model server that runs until it is stopped, crashes, or the emulator dies.

    Attributes:
        name: What the ledger of processes calls it.
        log: Where its output goes.
        ports: Its ports inside to the loopback ports they are forwarded from.
        pool: Connections to its first port.
    """

    def __init__(self, name: str, order: Order, python: Path, state: Path) -> None:
        self.name = name
        self.order = order
        self.log = state / "logs" / f"{name}.log"
        self.ports: dict[int, int] = {}
        self.pool = Pool(0)
        self._python = python
        self._ledger = state / "processes"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The launcher's process id; 0 before it started."""
        return self._process.pid if self._process else 0

    async def start(self, seconds: float) -> None:
        """Start the server and wait until it answers a ping.

        Raises:
            HostFailed: It did not within `seconds`, or ended.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(self._python),
                "-I",
                "-S",
                str(LAUNCHER),
                stdin=asyncio.subprocess.PIPE,  # its end is how the launcher learns of ours
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._record()
        try:
            async with asyncio.timeout(seconds):
                await self._take_ports()
                await self._answers_ping()
        except TimeoutError:
            await self.stop()
            raise HostFailed(self._failure(f"no ping was answered within {seconds:g} s")) from None
        except (HostFailed, asyncio.CancelledError):
            await self.stop()
            raise

    async def ended(self) -> None:
        """Return when the server is gone, for whatever reason."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """Stop the server and everything it started; returns when they are gone."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        self.pool.close()
        ledger.forget(self._ledger, self.pid)

    async def _take_ports(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(self.order.document()).encode() + b"\n")
            await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise HostFailed(self._failure("it ended before it listened"))
        self.ports = {int(inside): outside for inside, outside in json.loads(line).items()}
        self.pool = Pool(self.ports[self.order.ports[0]])

    async def _answers_ping(self) -> None:
        assert self._process is not None
        while self._process.returncode is None:
            with contextlib.suppress(OSError):
                answer = await asyncio.to_thread(self.pool.request, "GET", "/ping", seconds=5)
                if answer.status == 200:
                    return
            await asyncio.sleep(PING_EVERY)
        raise HostFailed(self._failure(f"it ended with status {self._process.returncode}"))

    def _failure(self, what: str) -> str:
        tail = ""
        with contextlib.suppress(OSError):
            tail = self.log.read_bytes()[-LOG_TAIL:].decode(errors="replace").strip()
        return (
            f"the container did not pass the ping health check: {what}. "
            f"Its log {self.log} ends: {tail}"
        )

    def _record(self) -> None:
        """Write the ledger entry by which `make down` finds the host after a hard kill."""
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(self.pid).create_time()
            ledger.record(self._ledger, ledger.Group(self.pid, started, self.name))
