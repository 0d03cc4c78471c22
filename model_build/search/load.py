"""Load on a server: as fast as clients can (closed loop), or at a rate of its own (open loop)."""

import contextlib
import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from model_build.measure import LoadResult, closed_loop
from model_build.search.server import Row

Ask = Callable[[Sequence[Row]], Any]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep this process's garbage collector still: a compiler's heap takes it 0.1 s a round."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def closed(
    asker: Callable[[], Ask], texts: Sequence[Row], clients: int, seconds: float
) -> LoadResult:
    """Let clients ask back to back, each over a connection of its own."""
    local = threading.local()

    def call(number: int) -> None:
        if not hasattr(local, "ask"):
            local.ask = asker()
        local.ask([texts[number % len(texts)]])

    with uncollected():
        return closed_loop(call, concurrency=clients, batch=1, seconds=seconds)


def at_rate(
    asker: Callable[[], Ask],
    texts: Sequence[Row],
    rate: float,
    seconds: float,
    *,
    random: bool = False,
    clients: int = 16,
) -> list[float]:
    """Return each call's milliseconds from when it was due.

    A client that is late starts late, and the wait counts: a queue cannot hide.

    Args:
        asker: Makes a connection.
        texts: Asked in turn.
        rate: Calls a second.
        seconds: How long.
        random: Calls come at random times of that mean rate (Poisson), else evenly.
        clients: Connections; more than are ever needed at once.
    """
    due: queue.Queue[tuple[float, Row] | None] = queue.Queue()
    dice, at = Random(7), 0.0
    start = time.perf_counter() + 0.2
    count = 0
    while at < seconds:
        due.put((start + at, texts[count % len(texts)]))
        at += dice.expovariate(rate) if random else 1 / rate
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
    with uncollected():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return found
