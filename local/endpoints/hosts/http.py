"""Kept-alive HTTP connections to one loopback port, shared by threads."""

import contextlib
import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass

MAX_IDLE = 16


@dataclass(frozen=True)
class Answer:
    """What a model server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Pool:
    """Connections to `127.0.0.1:port`, opened as needed and kept for the next request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        seconds: float = 60,
    ) -> Answer:
        """Send one request and read its whole answer; blocks its thread.

        Raises:
            TimeoutError: No answer within `seconds`.
            OSError: The server is not there, or went away.
        """
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            with contextlib.suppress(ConnectionError, http.client.BadStatusLine):
                return self._exchange(kept, method, path, body, headers or {}, seconds)
        fresh = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            return self._exchange(fresh, method, path, body, headers or {}, seconds)
        except http.client.HTTPException as error:
            raise ConnectionResetError(f"the model server broke off: {error!r}") from error

    def close(self) -> None:
        """Close what is idle; a connection in use is dropped when its answer is read."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
    ) -> Answer:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if response.will_close or len(self._idle) >= MAX_IDLE:
                connection.close()
            else:
                self._idle.append(connection)
        return answer
