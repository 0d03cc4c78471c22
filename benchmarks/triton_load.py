"""Load on a server: as fast as clients can (closed loop), or at a rate of its own (open loop)."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from model_build.measure import LoadResult, closed_loop

Ask = Callable[[list[str]], Any]


def closed(
    asker: Callable[[], Ask], texts: Sequence[str], clients: int, seconds: float
) -> LoadResult:
    """Let clients ask back to back, each over a connection of its own."""
    local = threading.local()

    def call(number: int) -> None:
        if not hasattr(local, "ask"):
            local.ask = asker()
        local.ask([texts[number % len(texts)]])

    return closed_loop(call, concurrency=clients, batch=1, seconds=seconds)


def poisson(
    asker: Callable[[], Ask], texts: Sequence[str], rate: float, seconds: float, clients: int = 16
) -> list[float]:
    """Return each call's milliseconds from when it was due, at random times of a mean rate.

    A client that is late starts late, and the wait counts: a queue cannot hide.

    Args:
        asker: Makes a connection.
        texts: Asked in turn.
        rate: Calls a second.
        seconds: How long.
        clients: Connections; more than are ever needed at once.
    """
    due: queue.Queue[tuple[float, str] | None] = queue.Queue()
    random, at = Random(7), 0.0  # noqa: S311 - times, no secrets
    start = time.perf_counter() + 0.2
    count = 0
    while at < seconds:
        due.put((start + at, texts[count % len(texts)]))
        at += random.expovariate(rate)
        count += 1
    found: list[float] = []

    def client() -> None:
        ask = asker()
        while (item := due.get()) is not None:
            moment, text = item
            time.sleep(max(0.0, moment - time.perf_counter()))
            ask([text])
            found.append(1e3 * (time.perf_counter() - moment))

    for _ in range(clients):
        due.put(None)
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
