"""Steady calls of an endpoint, each remembered."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


@dataclass(frozen=True)
class Call:
    """One call: when it began, in epoch seconds, which variant answered, how long it took in ms.

    `fault` is empty where it was answered.
    """

    at: float
    variant: str
    ms: float
    fault: str = ""


@dataclass
class Traffic:
    """Calls at a fixed pace from some threads, until it is stopped.

    Attributes:
        body: What is asked; may be changed while it runs.
        calls: What was asked so far.
    """

    runtime: Any
    endpoint: str
    body: bytes = b"good"
    per_second: float = 24.0
    threads: int = 24  # slow answers must not thin the calls: alarms ignore a few
    calls: list[Call] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Traffic":
        self._running = [threading.Thread(target=self._call_on) for _ in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._running:
            thread.join()

    def since(self, time_s: float) -> list[Call]:
        """Return the calls that began after a time, in epoch seconds."""
        return [call for call in list(self.calls) if call.at > time_s]

    def shares(self, since: float) -> dict[str, float]:
        """Return the variants' shares of the calls after a time, in percent."""
        recent = Counter(call.variant for call in self.since(since))
        return {name: 100 * count / recent.total() for name, count in sorted(recent.items())}

    @property
    def lost(self) -> list[Call]:
        """Return the calls that got no answer."""
        return [call for call in self.calls if call.fault]

    def _call_on(self) -> None:
        while not self._stop.is_set():
            began = time.time()
            self.calls.append(self._call(began))
            self._stop.wait(max(0.0, self.threads / self.per_second - (time.time() - began)))

    def _call(self, began: float) -> Call:
        try:
            answer = self.runtime.invoke_endpoint(
                EndpointName=self.endpoint,
                Body=self.body,
                ContentType="application/octet-stream",
            )
            answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            return Call(began, "none", 1000 * (time.time() - began), str(error))
        return Call(began, answer["InvokedProductionVariant"], 1000 * (time.time() - began))
