"""Paced calls of one model: each is timed from when it was due."""

import http.client
import threading
import time
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 20


@dataclass
class Calls:
    """Calls of one model at a rate, on connections of its own, until it is stopped.

    Attributes:
        address: The server.
        model: Which model is asked.
        request: Body and content type of what it is asked.
        rate: Calls a second.
        milliseconds: (seconds since the epoch, milliseconds) of the calls that were answered.
        failed: When a call was not answered 200.
    """

    address: str
    model: str
    request: tuple[bytes, str]
    rate: float
    threads: int = 2
    milliseconds: list[tuple[float, float]] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Calls":
        """Begin."""
        for number in range(self.threads):
            thread = threading.Thread(target=self._loop, args=(number,), daemon=True)
            thread.start()
            self._running.append(thread)
        return self

    def stop(self) -> None:
        """End, once the calls under way are answered."""
        self._stop.set()
        for thread in self._running:
            thread.join()

    def _loop(self, number: int) -> None:
        body, content_type = self.request
        every = self.threads / self.rate
        due = time.monotonic() + number / self.rate
        connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_SECONDS)
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            try:
                connection.request("POST", "/invocations", body, {"Content-Type": content_type})
                answer = connection.getresponse()
                answer.read()
                good = answer.status == 200
            except (OSError, http.client.HTTPException):
                connection.close()
                good = False
            if good:
                self.milliseconds.append((time.time(), 1e3 * (time.monotonic() - due)))
            else:
                self.failed.append(time.time())
            due += every
        connection.close()
