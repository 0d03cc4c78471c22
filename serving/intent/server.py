"""The server: worker processes on one socket, each of which drains before it stops.

On SIGTERM a worker first says that it is not ready and closes each connection after its answer, so
that clients and load balancers move on; only then does it stop accepting and finish what is under
way.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import time
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from serving.intent import log, protocol
from serving.intent.app import Application
from serving.intent.settings import Settings

FINISH_SECONDS = 20
BACKLOG = 2048
LAST_LOOK_SECONDS = 0.05


class DrainingServer(uvicorn.Server):
    """uvicorn that waits between saying that it will stop and stopping."""

    def __init__(self, settings: Settings, application: Application) -> None:
        """Take what is served."""
        config = uvicorn.Config(
            application,
            loop="uvloop",
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=FINISH_SECONDS,
            **protocol.options(),
        )
        super().__init__(config)
        self._application, self._drain_seconds = application, settings.drain_seconds
        self._stops_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to drain; a second signal, or ctrl-C, skips the wait."""
        if self._stops_at is None and sig == signal.SIGTERM:
            self._stops_at = time.monotonic() + self._drain_seconds
            self._application.ask_to_drain()
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Say whether to stop; asked ten times a second."""
        if self._stops_at is not None and time.monotonic() >= self._stops_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting; answer what the kernel still holds before idle connections are closed."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_LOOK_SECONDS)
        await super().shutdown(sockets)


def serve(settings: Settings, directory: Path) -> int:
    """Serve the model of a directory until SIGTERM.

    Returns:
        The exit code: 1 if a worker ended before it was asked to, else 0.
    """
    listener = _listen(settings.host, settings.port)
    # Fresh interpreters: they heed the variables that were set for them, and engines need no fork.
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(settings, directory, listener))
        for _ in range(settings.workers)
    ]
    asked: list[int] = []

    def pass_on(number: int, _frame: FrameType | None = None) -> None:
        asked.append(number)
        for worker in workers:
            if worker.pid is not None and worker.is_alive():
                os.kill(worker.pid, number)

    for worker in workers:
        worker.start()
    listener.close()  # a copy that nobody accepts from would keep clients waiting
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    wait([worker.sentinel for worker in workers])
    if not asked:
        pass_on(signal.SIGTERM)
        asked.clear()
    for worker in workers:
        worker.join()
    return 0 if asked and not any(worker.exitcode for worker in workers) else 1


def _work(settings: Settings, directory: Path, listener: socket.socket) -> None:
    """Serve, as one worker process."""
    log.set_up()
    DrainingServer(settings, Application(settings, directory)).run([listener])


def _listen(host: str, port: int) -> socket.socket:
    found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    family, kind, number, _, address = found
    listener = socket.socket(family, kind, number)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    return listener
