"""The server: it drains before it stops.

On SIGTERM the workers first say that they are not ready and close each connection after its answer,
so that clients and load balancers move on; only then does the server stop accepting and finish what
is under way.
"""

import multiprocessing
import os
import threading
from typing import Any

from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from serving.intent.app import DRAIN_SIGNAL
from serving.intent.settings import Settings

# The server's own lines go where all others go, and in their form.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "serving.intent.log.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        name: {"handlers": ["out"], "level": "INFO", "propagate": False}
        for name in ("_granian", "slipway")
    },
}
KILL_SECONDS = 20
HEADER_SECONDS = 5


class DrainingServer(MPServer):
    """Granian that waits between saying that it will stop and stopping."""

    drain_seconds = 0.0
    _timer: threading.Timer | None = None

    def signal_handler_interrupt(self, *_: Any) -> None:
        """Start to drain; a second signal stops at once."""
        if self._timer is not None:
            super().signal_handler_interrupt()  # type: ignore[no-untyped-call]
            return
        for worker in self.wrks:
            os.kill(worker.inner.pid, DRAIN_SIGNAL)
        self._timer = threading.Timer(self.drain_seconds, super().signal_handler_interrupt)
        self._timer.daemon = True
        self._timer.start()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM."""
    # Fresh interpreters: they heed the variables that were set for them, and engines need no fork.
    multiprocessing.set_start_method("spawn")
    server = DrainingServer(
        "serving.intent.app:create",
        factory=True,
        interface=Interfaces.RSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop=Loops.uvloop,
        websockets=False,
        log_dictconfig=LOGGING,
        workers_kill_timeout=KILL_SECONDS,
        # A client that sends its headers slowly must not hold a connection.
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
    )
    server.drain_seconds = settings.drain_seconds
    server.serve()
