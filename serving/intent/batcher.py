"""Adaptive micro-batching: requests that arrive while the engine computes are its next batch.

Nothing ever waits for company: an idle engine starts at once, so a lone request pays nothing, and
batches grow only with the load. A batch holds texts of like length. What cannot be answered within
the budget is refused on arrival, in microseconds, rather than queued; what expires in the queue is
refused without computing it.

The engine runs on the event loop's own thread. A batch takes a millisecond or three, so health
checks and refusals can wait for it; handing each batch to a thread and back costs a third of that.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from serving.intent.problem import expired, overloaded

# Upper ends of the lengths, in characters, that are computed together: a long text would make
# every short one beside it as slow.
BUCKETS = (24, 48, 96, 192)
SMOOTHING, OUTLIER = 0.1, 2.0
# Of the event loop, from one batch to the next. In the first the answers are written and what came
# meanwhile is read, in the second that becomes requests, which so are in time for the batch.
ROUNDS = 3

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
    budget_ms: float = 4.0


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
    """Feeds one engine; used from one event loop, on which it computes."""

    def __init__(self, predict: Predict, limits: Limits) -> None:
        """Take the engine."""
        self._predict, self._limits = predict, limits
        self._queues: tuple[deque[_Waiting], ...] = tuple(deque() for _ in (*BUCKETS, None))
        self._due = False
        self._full_ms = 1.0
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
        size = self._limits.batch
        return self.waiting / size * self._full_ms if self.waiting >= size else 0.0

    async def ask(self, text: str, deadline_ms: float) -> Answer:
        """Return the answer to a text that was admitted.

        Raises:
            Refusal: 504, its deadline passed before its turn came.
        """
        loop = asyncio.get_running_loop()
        item = _Waiting(text, deadline_ms, loop.create_future())
        self._queues[_bucket(text)].append(item)
        self.waiting += 1
        self._call_soon(loop, 1)
        return await item.future

    def _call_soon(self, loop: asyncio.AbstractEventLoop, rounds: int) -> None:
        if self.waiting and not self._due:
            self._due = True
            self._after(loop, rounds)

    def _after(self, loop: asyncio.AbstractEventLoop, rounds: int) -> None:
        if rounds:
            loop.call_soon(self._after, loop, rounds - 1)
        else:
            self._run(loop)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Compute one batch; whatever waits still gets its turn soon."""
        self._due = False
        if batch := self._next():
            started = perf_counter()
            try:
                outputs = self._predict([item.text for item in batch])
            except Exception as error:
                _fail(batch, error)
            else:
                took = 1e3 * (perf_counter() - started)
                if len(batch) == self._limits.batch:
                    # One batch that the machine held up says little of the next.
                    seen = min(took, OUTLIER * self._full_ms)
                    self._full_ms += SMOOTHING * (seen - self._full_ms)
                for item, output in zip(batch, outputs, strict=True):
                    waited = 1e3 * (started - item.since)
                    item.future.set_result(Answer(output, waited, took, len(batch)))
        self._call_soon(loop, ROUNDS)

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
        item.future.set_exception(error)
