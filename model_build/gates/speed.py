"""Latency, throughput, speed-up and cost of a compiled model under its row's load."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import count
from typing import Any

from catalog.artifact import Measurement
from catalog.spec import Load
from model_build.gates.cost import usd_per_million
from model_build.gates.questions import Predict
from model_build.measure import closed_loop, interleaved, percentile, percentile_interval
from model_build.measure import ratio_of_medians as ratio

SPEED = frozenset({"p50_ms", "p99_ms", "throughput", "speedup", "usd_per_million"})
"""What `measure_speed` measures: metrics of the machine, not of the answers."""

COMPARE_SECONDS = 2.0
DIFFERENT = 16


def measure_speed(
    inputs: Sequence[Any],
    source: Predict,
    compiled: Predict,
    load: Load,
    threads: int,
    usd_per_hour: float,
) -> list[Measurement]:
    """Return p50, p99, throughput, speed-up and cost, each beside the source's.

    The compiled model's latency and throughput are taken alone, in a closed loop under `load`; the
    source's come from the interleaved comparison, one client, with the same threads and batch.

    Args:
        inputs: Questions to ask in turn.
        source: The eager model's `predict`.
        compiled: The compiled model's.
        load: Clients, batch and seconds.
        threads: Cores that one call may use, in both.
        usd_per_hour: Price of the target's instance.
    """
    batches = _batches(inputs, load.batch)
    with torch_threads(threads):
        compared = interleaved(
            {"source": _rotating(source, batches), "compiled": _rotating(compiled, batches)},
            seconds=COMPARE_SECONDS,
            block=4,
            minimum=8,
        )
    loop = closed_loop(
        lambda number: compiled(batches[number % len(batches)]),
        concurrency=load.concurrency,
        batch=load.batch,
        seconds=load.seconds,
    )
    eager = compared["source"]
    eager_throughput = 1e3 * load.batch * len(eager) / sum(eager)
    speedup = ratio(eager, compared["compiled"])
    return [
        *(latency(f"p{q}_ms", q, loop.milliseconds, eager) for q in (50, 99)),
        Measurement("throughput", loop.throughput, len(loop.milliseconds), source=eager_throughput),
        Measurement(
            "speedup", speedup.value, len(eager), source=1.0, low=speedup.low, high=speedup.high
        ),
        Measurement(
            "usd_per_million",
            usd_per_million(usd_per_hour, loop.throughput),
            len(loop.milliseconds),
            source=usd_per_million(usd_per_hour, eager_throughput),
        ),
    ]


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Let eager PyTorch use as many cores as the compiled model it is compared with."""
    torch = import_module("torch")  # only here: a plan reads this package and must start at once
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def source_milliseconds(
    inputs: Sequence[Any], source: Predict, load: Load, threads: int
) -> list[float]:
    """Return how long the eager model takes for each batch, for a comparison made elsewhere."""
    with torch_threads(threads):
        calls = {"source": _rotating(source, _batches(inputs, load.batch))}
        return interleaved(calls, seconds=COMPARE_SECONDS, block=4, minimum=8)["source"]


def latency(
    metric: str, q: float, samples: Sequence[float], source: Sequence[float]
) -> Measurement:
    """Return a percentile of times with its interval, beside the source's."""
    found = percentile_interval(samples, q)
    return Measurement(
        metric,
        found.value,
        len(samples),
        source=percentile(source, q),
        low=found.low,
        high=found.high,
    )


def _batches(inputs: Sequence[Any], size: int) -> list[list[Any]]:
    different = min(DIFFERENT, len(inputs))
    step = len(inputs) // different
    return [
        [inputs[(step * start + offset) % len(inputs)] for offset in range(size)]
        for start in range(different)
    ]


def _rotating(predict: Predict, batches: list[list[Any]]) -> partial[Any]:
    """Return a call that asks the batches in turn, so that both systems are asked the same ones."""
    numbers = count()

    def ask() -> None:
        predict(batches[next(numbers) % len(batches)])

    return partial(ask)
