"""Latency and throughput: pure functions over callables, silent, with stated sample counts.

Compared systems run in interleaved blocks of one process, so that another job on the machine slows
all of them alike: trust ratios of one run, not absolute times of two.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 400
_SEED = 20250101


@dataclass(frozen=True)
class Interval:
    """A value with the bounds of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class LoadResult:
    """What a closed loop of clients saw: each call's milliseconds, and inputs answered a second."""

    milliseconds: tuple[float, ...]
    throughput: float


def percentile(samples: Sequence[float], q: float) -> float:
    """Return the q-th percentile (0..100), linear between the samples beside it."""
    return float(np.percentile(samples, q, method="linear"))


def percentile_interval(samples: Sequence[float], q: float) -> Interval:
    """Return a percentile and its interval; the resampling is seeded, so equal samples agree."""
    resampled = np.percentile(_resample(np.asarray(samples)), q, axis=1)
    return _interval(percentile(samples, q), resampled)


def ratio_of_medians(slow: Sequence[float], fast: Sequence[float]) -> Interval:
    """Return how many times the median of `fast` fits into that of `slow`."""
    value = float(np.median(slow) / np.median(fast))
    resampled = np.median(_resample(np.asarray(slow)), axis=1) / np.median(
        _resample(np.asarray(fast)), axis=1
    )
    return _interval(value, resampled)


def interleaved(
    calls: Mapping[str, Callable[[], object]],
    *,
    seconds: float,
    block: int = 5,
    minimum: int = 10,
    warmup: int = 2,
) -> dict[str, list[float]]:
    """Time several systems block by block in turn; return the milliseconds of each call.

    Args:
        calls: One call of each system, by name.
        seconds: Stop after the round that passes this time.
        block: Calls of one system before the next has its turn.
        minimum: Samples that each system gets even when the time is over.
        warmup: Calls of each system before the clock starts.
    """
    for call in calls.values():
        for _ in range(warmup):
            call()
    samples: dict[str, list[float]] = {name: [] for name in calls}
    end = perf_counter() + seconds
    while perf_counter() < end or min(map(len, samples.values())) < minimum:
        for name, call in calls.items():
            samples[name] += [_milliseconds(call) for _ in range(block)]
    return samples


def closed_loop(
    call: Callable[[int], object],
    *,
    concurrency: int,
    batch: int,
    seconds: float,
    minimum: int = 20,
) -> LoadResult:
    """Let clients call back to back, each waiting for its answer; a failing call ends the run.

    Args:
        call: Takes a running number, so that clients can ask different questions.
        concurrency: Clients, a thread each.
        batch: Inputs in one call; throughput counts inputs.
        seconds: How long the clients keep asking.
        minimum: Calls of each client even when the time is over.
    """
    for number in range(2):
        call(number)
    samples: list[list[float]] = [[] for _ in range(concurrency)]
    failures: list[BaseException] = []
    start = perf_counter()

    def client(own: list[float], offset: int) -> None:
        try:
            while not failures and (perf_counter() - start < seconds or len(own) < minimum):
                number = offset + len(own) * concurrency
                own.append(_milliseconds(partial(call, number)))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=client, args=(own, offset)) for offset, own in enumerate(samples)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    elapsed = perf_counter() - start
    merged = tuple(value for own in samples for value in own)
    return LoadResult(merged, len(merged) * batch / elapsed)


def _milliseconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return 1e3 * (perf_counter() - start)


def _resample(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    generator = np.random.default_rng(_SEED)
    picks = generator.integers(0, len(samples), (RESAMPLES, len(samples)))
    return np.asarray(samples[picks])


def _interval(value: float, resampled: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Interval(value, float(low), float(high))
