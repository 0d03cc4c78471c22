"""Micro-batching against an engine that can be held."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.intent.batcher import Batcher, Limits
from serving.intent.problem import Refusal

SECOND = 1000.0


class Engine:
    """Answers a text with its length; keeps the batches that it was given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = threading.Event()
        self.go.set()

    def predict(self, texts):
        self.batches.append(list(texts))
        assert self.go.wait(20)
        if "break" in texts:
            raise RuntimeError("the engine broke")
        return [len(text) for text in texts]


def run(scenario: Callable[[Engine, Batcher], Awaitable[None]], **limits) -> Engine:
    engine = Engine()

    async def main() -> None:
        with ThreadPoolExecutor(1) as thread:
            await scenario(engine, Batcher(engine.predict, Limits(**limits), thread))

    asyncio.run(asyncio.wait_for(main(), 20))
    return engine


async def started(engine: Engine, batches: int = 1) -> None:
    while len(engine.batches) < batches:
        await asyncio.sleep(0.001)


def test_a_lone_text_is_computed_at_once_and_alone():
    async def scenario(_, batcher):
        answer = await batcher.ask("jazz", SECOND)

        assert (answer.output, answer.batch) == (4, 1)
        assert batcher.wait_ms() == batcher.waiting == 0

    run(scenario)


def test_what_waits_while_the_engine_computes_is_its_next_batch():
    async def scenario(engine, batcher):
        engine.go.clear()
        first = asyncio.create_task(batcher.ask("first", SECOND))
        await started(engine)
        others = [asyncio.create_task(batcher.ask(f"number {i}", SECOND)) for i in range(5)]
        await asyncio.sleep(0)
        engine.go.set()

        assert (await first).batch == 1
        assert [(await other).batch for other in others] == [3, 3, 3, 2, 2]

    engine = run(scenario, batch=3)
    assert engine.batches[1] == ["number 0", "number 1", "number 2"]


def test_a_long_text_does_not_share_a_batch_with_short_ones():
    async def scenario(engine, batcher):
        engine.go.clear()
        tasks = [asyncio.create_task(batcher.ask("first", SECOND))]
        await started(engine)
        for text in ("a" * 500, "short", "b" * 500, "brief"):
            tasks.append(asyncio.create_task(batcher.ask(text, SECOND)))
        await asyncio.sleep(0)
        engine.go.set()
        await asyncio.gather(*tasks)

    engine = run(scenario)
    assert [[len(text) for text in batch] for batch in engine.batches] == [[5], [500] * 2, [5] * 2]


@pytest.mark.parametrize("limits", [{"queue": 2, "budget_ms": 1e6}, {"batch": 2, "budget_ms": 0.9}])
def test_what_would_wait_too_long_is_refused_on_arrival(limits):
    async def scenario(engine, batcher):
        engine.go.clear()
        tasks = []

        async def fill() -> None:
            for number in range(4):
                batcher.admit()
                tasks.append(asyncio.create_task(batcher.ask("jazz", SECOND)))
                await (started(engine) if not number else asyncio.sleep(0))

        with pytest.raises(Refusal) as caught:
            await fill()

        assert (caught.value.status, caught.value.kind) == (503, "overloaded")
        assert ("retry-after", "1") in caught.value.headers()
        engine.go.set()
        await asyncio.gather(*tasks)
        batcher.admit()

    run(scenario, **limits)


def test_what_expires_in_the_queue_is_not_computed():
    async def scenario(engine, batcher):
        engine.go.clear()
        first = asyncio.create_task(batcher.ask("first", SECOND))
        await started(engine)
        late = asyncio.create_task(batcher.ask("late", 1))
        await asyncio.sleep(0.05)
        engine.go.set()

        assert (await first).output == 5
        with pytest.raises(Refusal, match="not answered within its 1 ms") as caught:
            await late
        assert caught.value.status == 504

    assert run(scenario).batches == [["first"]]


def test_whoever_hung_up_is_not_computed():
    async def scenario(engine, batcher):
        engine.go.clear()
        first = asyncio.create_task(batcher.ask("first", SECOND))
        await started(engine)
        gone = asyncio.create_task(batcher.ask("gone", SECOND))
        await asyncio.sleep(0)
        gone.cancel()
        engine.go.set()
        await first
        assert (await batcher.ask("next", SECOND)).output == 4

    assert run(scenario).batches == [["first"], ["next"]]


def test_a_failing_batch_fails_its_own_requests_alone():
    async def scenario(_, batcher):
        with pytest.raises(RuntimeError, match="the engine broke"):
            await batcher.ask("break", SECOND)

        assert (await batcher.ask("jazz", SECOND)).output == 4

    run(scenario)
