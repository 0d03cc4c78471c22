"""Structured logs: one line of JSON for an event, with the request's id where there is one."""

import json
import logging
import sys
import time
from typing import Any

SHED_LINES_PER_SECOND = 1.0


class Log:
    """Writes lines to stdout, which awslogs ships and CloudWatch reads EMF from."""

    def __init__(self, slow_ms: float) -> None:
        """Take above how many milliseconds an answer is worth a line."""
        self._slow_ms = slow_ms
        self._last_shed = 0.0

    def event(self, name: str, **told: Any) -> None:
        """Write an event."""
        self.line(json.dumps({"time": _now(), "event": name, **told}))

    def line(self, text: str) -> None:
        """Write a line as it is."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def request(self, request_id: str, status: int, seconds: float, detail: str) -> None:
        """Write a line for a request that went wrong or took long; what is shed, once a second."""
        if status == 200 and 1e3 * seconds <= self._slow_ms:
            return
        if status == 503:
            now = time.monotonic()
            if now - self._last_shed < SHED_LINES_PER_SECOND:
                return
            self._last_shed = now
        took = round(1e3 * seconds, 3)
        self.event("request", request_id=request_id, status=status, ms=took, detail=detail)


def set_up() -> None:
    """Let the standard library's loggers (the server's too) write JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class JsonFormatter(logging.Formatter):
    """A record of the standard library as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {"time": _now(), "event": "log", "level": record.levelname.lower()}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told | {"logger": record.name, "message": record.getMessage()})


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z"
