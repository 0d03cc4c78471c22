"""A task's container as a process group, in the shape of a Docker container.

MiniStack's own scheduler (rolling deployments, circuit breaker, restarts) drives it.
"""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import ledger

POLL_S = 0.1


@dataclass
class Container:
    """One running (or ended) container.

    Attributes:
        id: 64 hex characters, as Docker's.
        address: The loopback address that stands for the container's own.
        log: The file that its output goes to.
        drain: Waits until no request to it is under way.
        grace_s: How long it may take to end once it was asked to.
    """

    id: str
    address: str
    process: subprocess.Popen[bytes]
    group: ledger.Group
    ledger: Path
    log: Path
    drain: Callable[[], None]
    grace_s: float

    @property
    def status(self) -> str:
        """`running` or `exited`."""
        return "running" if self.process.poll() is None else "exited"

    @property
    def attrs(self) -> Mapping[str, Any]:
        """The part of `docker inspect` that names the address."""
        return {"NetworkSettings": {"Networks": {"loopback": {"IPAddress": self.address}}}}

    def reload(self) -> None:
        """Do nothing: every attribute is read afresh."""

    def wait(self) -> dict[str, int]:
        """Wait for the end and return its status."""
        return {"StatusCode": self.process.wait()}

    def stop(self, **_options: Any) -> None:
        """Let what is under way end, then end the process group as the definition says.

        By now ECS has taken the task out of its target groups.
        """
        if self.status == "running":
            self.drain()
        self.end(self.grace_s)

    def end(self, grace_s: float) -> None:
        """End the process group, kindly first."""
        ledger.end(self.group, self.ledger, grace_s=grace_s)
        self.process.wait()

    def remove(self, **_options: Any) -> None:
        """End what is left of it."""
        self.end(0)

    def logs(self, *, stream: bool = False, tail: int = 20, **_options: Any) -> Any:
        """Return the last lines, or a stream of all lines until the process ends."""
        if stream:
            return self._follow()
        return b"\n".join(self.log.read_bytes().splitlines()[-tail:])

    def _follow(self) -> Iterator[bytes]:
        with self.log.open("rb") as source:
            while True:
                running = self.status == "running"
                chunk = source.read(65536)
                if chunk:
                    yield chunk
                elif not running:
                    return
                else:
                    time.sleep(POLL_S)
