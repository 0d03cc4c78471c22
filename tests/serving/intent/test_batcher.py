"""Micro-batching: what is asked in one round of the event loop arrives together."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from serving.intent.batcher import Batcher, Limits
from serving.intent.problem import Refusal

SECOND = 1000.0


class Engine:
    """Answers a text with its length; keeps the batches that it was given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.seconds = 0.0

    def predict(self, texts):
        self.batches.append(list(texts))
        time.sleep(self.seconds)
        if "break" in texts:
            raise RuntimeError("the engine broke")
        return [len(text) for text in texts]


def run(scenario: Callable[[Engine, Batcher], Awaitable[None]], **limits) -> Engine:
    engine = Engine()
    batcher = Batcher(engine.predict, Limits(**limits))
    asyncio.run(asyncio.wait_for(scenario(engine, batcher), 20))
    return engine


def test_a_lone_text_is_computed_at_once_and_alone():
    async def scenario(_, batcher):
        answer = await batcher.ask("jazz", SECOND)

        assert (answer.output, answer.batch) == (4, 1)
        assert batcher.wait_ms() == batcher.waiting == 0

    run(scenario)


def test_what_waits_while_the_engine_computes_is_its_next_batch():
    async def scenario(_, batcher):
        answers = await asyncio.gather(*(batcher.ask(f"number {i}", SECOND) for i in range(5)))

        assert [answer.batch for answer in answers] == [3, 3, 3, 2, 2]
        assert answers[3].queue_ms >= answers[0].engine_ms

    engine = run(scenario, batch=3)
    assert engine.batches == [["number 0", "number 1", "number 2"], ["number 3", "number 4"]]


def test_between_two_batches_the_loop_does_what_else_is_due():
    async def scenario(engine, batcher):
        seen = []
        asked = asyncio.gather(*(batcher.ask("jazz", SECOND) for _ in range(3)))
        while not asked.done():
            await asyncio.sleep(0)
            seen.append(len(engine.batches))

        assert {1, 2, 3} <= set(seen)

    run(scenario, batch=1)


def test_a_long_text_does_not_share_a_batch_with_short_ones():
    async def scenario(_, batcher):
        texts = ("a" * 500, "short", "b" * 500, "brief")
        await asyncio.gather(*(batcher.ask(text, SECOND) for text in texts))

    engine = run(scenario)
    assert [[len(text) for text in batch] for batch in engine.batches] == [[500] * 2, [5] * 2]


@pytest.mark.parametrize("limits", [{"queue": 2, "budget_ms": 1e6}, {"batch": 2, "budget_ms": 0.9}])
def test_what_would_wait_too_long_is_refused_on_arrival(limits):
    async def scenario(_, batcher):
        async def arrive() -> int:
            batcher.admit()
            return (await batcher.ask("jazz", SECOND)).output

        answers = await asyncio.gather(*(arrive() for _ in range(4)), return_exceptions=True)

        assert answers[:2] == [4, 4]
        assert [(no.status, no.kind) for no in answers[2:]] == [(503, "overloaded")] * 2
        assert ("retry-after", "1") in answers[2].headers()
        assert await arrive() == 4

    run(scenario, **limits)


def test_the_wait_is_that_of_what_lies_before_a_full_batch():
    async def scenario(engine, batcher):
        engine.seconds = 0.005
        waits = []

        async def arrive() -> None:
            waits.append(batcher.wait_ms())
            await batcher.ask("jazz", SECOND)

        for _ in range(60):  # until the average of a full batch is known
            await asyncio.gather(*(arrive() for _ in range(2)))
        waits.clear()
        await asyncio.gather(*(arrive() for _ in range(4)))

        assert waits[:2] == [0, 0]
        assert 4 < waits[2] < waits[3] == pytest.approx(1.5 * waits[2])

    run(scenario, batch=2)


def test_what_expires_in_the_queue_is_not_computed():
    async def scenario(engine, batcher):
        engine.seconds = 0.02
        first = asyncio.create_task(batcher.ask("first", SECOND))
        late = asyncio.create_task(batcher.ask("late", 1))

        assert (await first).output == 5
        with pytest.raises(Refusal, match="not answered within its 1 ms") as caught:
            await late
        assert caught.value.status == 504

    assert run(scenario, batch=1).batches == [["first"]]


def test_whoever_hung_up_is_not_computed():
    async def scenario(_, batcher):
        first = asyncio.create_task(batcher.ask("first", SECOND))
        gone = asyncio.create_task(batcher.ask("gone", SECOND))
        await asyncio.sleep(0)
        gone.cancel()

        await first
        assert (await batcher.ask("next", SECOND)).output == 4

    assert run(scenario, batch=1).batches == [["first"], ["next"]]


def test_a_failing_batch_fails_its_own_requests_alone():
    async def scenario(_, batcher):
        with pytest.raises(RuntimeError, match="the engine broke"):
            await batcher.ask("break", SECOND)

        assert (await batcher.ask("jazz", SECOND)).output == 4

    run(scenario)
