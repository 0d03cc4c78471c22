"""Adaptive micro-batching: requests that wait while the engine computes are its next batch.

Nothing ever waits for company: an idle engine starts at once, so a lone request pays nothing, and
batches grow only with the load. A batch holds texts of like length. What cannot be answered within
the budget is refused on arrival, in microseconds, rather than queued; what expires in the queue is
refused without computing it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from serving.intent.problem import expired, overloaded

# Upper ends of the lengths, in characters, that are computed together: a long text would make
# every short one beside it as slow.
BUCKETS = (24, 48, 96, 192)
SMOOTHING = 0.1

Predict = Callable[[Sequence[str]], Sequence[Any]]


@dataclass(frozen=True)
class Limits:
    """What a worker takes on.

    Attributes:
        batch: Texts in one batch at most.
        queue: Requests waiting at most.
        budget_ms: A request is refused if it would wait longer than this for its turn.
    """

    batch: int = 8
    queue: int = 64
    budget_ms: float = 6.0


@dataclass(frozen=True)
class Answer:
    """One text's result, how long it waited and was computed, and with how many others."""

    output: Any
    queue_ms: float
    engine_ms: float
    batch: int


@dataclass
class _Waiting:
    text: str
    deadline_ms: float
    future: asyncio.Future[Answer]
    since: float = field(default_factory=perf_counter)

    @property
    def expired(self) -> bool:
        return 1e3 * (perf_counter() - self.since) > self.deadline_ms


class Batcher:
    """Feeds one engine; used from one event loop, computes on one thread beside it."""

    def __init__(self, predict: Predict, limits: Limits, thread: Executor) -> None:
        """Take the engine; `thread` runs one call at a time."""
        self._predict, self._limits, self._thread = predict, limits, thread
        self._queues: tuple[deque[_Waiting], ...] = tuple(deque() for _ in (*BUCKETS, None))
        self._task: asyncio.Task[None] | None = None
        self._batch_ms = 1.0
        self._batch_since = 0.0
        self.waiting = 0

    def admit(self) -> None:
        """Refuse a request that would have to wait too long.

        Raises:
            Refusal: 503.
        """
        wait = self.wait_ms()
        if self.waiting >= self._limits.queue or wait > self._limits.budget_ms:
            raise overloaded(wait)

    def wait_ms(self) -> float:
        """Return about how long a request that arrives now waits for its batch to start."""
        if self._task is None:
            return 0.0
        running = self._batch_ms - 1e3 * (perf_counter() - self._batch_since)
        return max(0.0, running) + self.waiting // self._limits.batch * self._batch_ms

    async def ask(self, text: str, deadline_ms: float) -> Answer:
        """Return the answer to a text that was admitted.

        Raises:
            Refusal: 504, its deadline passed before its turn came.
        """
        item = _Waiting(text, deadline_ms, asyncio.get_running_loop().create_future())
        self._queues[_bucket(text)].append(item)
        self.waiting += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await item.future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.waiting:
                batch = self._next()
                if not batch:
                    continue
                self._batch_since = perf_counter()
                texts = [item.text for item in batch]
                try:
                    outputs = await loop.run_in_executor(self._thread, self._predict, texts)
                except Exception as error:
                    _fail(batch, error)
                    continue
                took = 1e3 * (perf_counter() - self._batch_since)
                self._batch_ms += SMOOTHING * (took - self._batch_ms)
                for item, output in zip(batch, outputs, strict=True):
                    if not item.future.done():
                        waited = 1e3 * (self._batch_since - item.since)
                        item.future.set_result(Answer(output, waited, took, len(batch)))
        finally:
            self._task = None

    def _next(self) -> list[_Waiting]:
        """Take the oldest request and those of its length that wait behind it."""
        queue = min((q for q in self._queues if q), key=lambda q: q[0].since)
        batch: list[_Waiting] = []
        while queue and len(batch) < self._limits.batch:
            item = queue.popleft()
            self.waiting -= 1
            if item.future.done():
                continue  # its client has gone
            if item.expired:
                item.future.set_exception(expired(item.deadline_ms))
            else:
                batch.append(item)
        return batch


def _bucket(text: str) -> int:
    return next((i for i, end in enumerate(BUCKETS) if len(text) <= end), len(BUCKETS))


def _fail(batch: list[_Waiting], error: Exception) -> None:
    for item in batch:
        if not item.future.done():
            item.future.set_exception(error)
