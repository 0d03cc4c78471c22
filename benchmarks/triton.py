"""What the real Triton adds to a model, and how long its tail is.

`python -m benchmarks.triton [--model embedding]`: over gRPC, tokenising, the server and its
processes may add 1.5 ms (median) to the model's own time; at 70 % of the most that it answers, p99
may be twice the median, with calls at an even pace as `perf_analyzer` makes them. Each is a median
of several turns: one stop of the machine is in one of them. Calls at random times are shown beside
it: there even a server without any overhead or jitter would miss that.

The load is `perf_analyzer`'s where this machine has it (model_build/search/analyzer.py), else ours.
Settings are searched by `python -m model_build search MODEL`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from benchmarks.table import heading, target
from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build.measure import interleaved, percentile
from model_build.package import package
from model_build.search import analyzer
from model_build.search.analyzer import Figures
from model_build.search.command import compile_for
from model_build.search.load import at_rate, closed
from model_build.search.server import Triton, running
from serving.runtime import Model, load

ADDED_MS, TAIL, SHARE_OF_MOST = 1.5, 2.0, 0.7
CLIENTS = (1, 2, 4, 8, 16)
# Long enough that either side has the caches to itself: they hold the same weights twice.
BLOCK = 100
ROUNDS = 3
TURNS = 5
# With its default of four, perf_analyzer cannot keep the rate, and hides what waits.
THREADS = 16
# Woken by an answer it would push aside the server's thread that sends the next one, on the core
# that the engine leaves to both: from another machine it could not.
NICENESS = 19
KEPT = 0.97


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triton", description=__doc__)
    parser.add_argument("--model", default="embedding", help="a model that Triton serves")
    parser.add_argument("--accelerator", default="cpu")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    options = parser.parse_args(argv)
    spec = load_models()[options.model]
    with tempfile.TemporaryDirectory(prefix="slipway-triton-") as scratch:
        folder = Path(scratch)
        compiled = compile_for(spec, spec.target(options.accelerator), folder / "compiled")
        with running(folder / "server") as triton:
            return measure(spec, compiled, triton, options)


def measure(spec: ModelSpec, compiled: Path, triton: Triton, options: Any) -> int:
    """Print what the server adds and how long its tail is; return 1 where a target is missed."""
    wanted = spec.target(options.accelerator)
    name = triton.load(package(spec, wanted, compiled, compiled.parent / "archives"))
    tool = analyzer.find(NICENESS)
    loads = _Loads(triton, name, spec.examples, options.seconds, tool)
    model = load(compiled, threads=wanted.options.threads)
    alone, served = (added_by_tool if tool else added)(model, loads)
    most = max(loads.clients(count).throughput for count in CLIENTS)
    rate = SHARE_OF_MOST * most
    paced, random = (_middle(partial(loads.rate, rate, random=each)) for each in (False, True))
    by = "perf_analyzer" if tool else "clients of our own"
    setting = f"real Triton on loopback, gRPC, one text a call, {options.seconds:g} s each, by {by}"
    print(heading(f"What serving adds to {spec.name}", setting))
    print(f"model alone {alone:.2f} ms, served {served:.2f} ms (medians)")
    print(f"most: {most:.0f} a second; at {rate:.0f} a second:")
    for words, found in (("evenly", paced), ("at random (Poisson)", random)):
        print(
            f"  {words}: p50 {found.p50_ms:.2f}, p99 {found.p99_ms:.2f} ms,"
            f" {found.p99_ms / found.p50_ms:.2f} times; {found.throughput:.0f} a second"
        )
    print(f"  at random, of a server without jitter: {ideal_tail(SHARE_OF_MOST):.2f} times")
    lines = (
        target(
            "ms below the bound that serving may add (1.5, median)",
            ADDED_MS - (served - alone),
            0.0,
        ),
        target(
            "p99 / p50 at 70 % of the most, evenly, below 2: what is left",
            TAIL - paced.p99_ms / paced.p50_ms,
            0.0,
        ),
        target(
            "a second of those that were asked for: the clients kept the rate",
            paced.throughput / rate,
            KEPT,
        ),
    )
    print("\n".join(line for line, _ in lines))
    return 0 if all(met for _, met in lines) else 1


def added(model: Model, loads: "_Loads") -> tuple[float, float]:
    """Return the median milliseconds of the engine in this process and of a whole call."""
    rows = loads.rows[:1]
    calls: dict[str, Callable[[], object]] = {
        "model": partial(model.infer, model.preprocess(rows)),
        "served": partial(loads.asker(), rows),
    }
    samples = interleaved(calls, seconds=loads.seconds, block=BLOCK, warmup=BLOCK)
    return median(samples["model"]), median(samples["served"])


def added_by_tool(model: Model, loads: "_Loads") -> tuple[float, float]:
    """Return the same, the calls by `perf_analyzer`; both are asked all rows, in turn."""
    tensors = [model.preprocess([row]) for row in loads.rows]
    calls = {str(n): partial(model.infer, each) for n, each in enumerate(tensors)}
    alone, served = [], []
    for _ in range(ROUNDS):
        samples = interleaved(calls, seconds=loads.seconds / ROUNDS, block=BLOCK, warmup=BLOCK)
        alone += [median(times) for times in samples.values()]
        served.append(loads.clients(1).p50_ms)
    return median(alone), median(served)


class _Loads:
    """Load on one model, by whichever generator there is."""

    def __init__(
        self,
        triton: Triton,
        model: str,
        rows: Sequence[str | tuple[str, str]],
        seconds: float,
        tool: analyzer.Analyzer | None,
    ) -> None:
        self._triton, self._model, self._tool = triton, model, tool
        self.rows, self.seconds = rows, seconds
        self.asker = partial(triton.asker, model)

    def clients(self, count: int) -> Figures:
        """As fast as some clients can."""
        if self._tool:
            return self._analyze("--concurrency-range", str(count))
        found = closed(self.asker, self.rows, count, self.seconds)
        return _figures(found.milliseconds, found.throughput)

    def rate(self, rate: float, *, random: bool) -> Figures:
        """At a rate, evenly or at random times."""
        if self._tool:
            times = "poisson" if random else "constant"
            asked = ("--request-rate-range", f"{rate:.0f}", "--request-distribution", times)
            return self._analyze(*asked, "--max-threads", str(THREADS))
        found = at_rate(self.asker, self.rows, rate, 2 * self.seconds, random=random)
        return _figures(found, rate)

    def _analyze(self, *load: str) -> Figures:
        assert self._tool
        return self._tool.load(self._triton, self._model, self.rows, load, self.seconds)


def _middle(measure: Callable[[], Figures]) -> Figures:
    """Return the median of each figure over several turns."""
    turns = [astuple(measure()) for _ in range(TURNS)]
    return Figures(*map(median, zip(*turns, strict=True)))


def _figures(milliseconds: Sequence[float], throughput: float) -> Figures:
    return Figures(throughput, percentile(milliseconds, 50), percentile(milliseconds, 99))


def ideal_tail(share: float, calls: int = 200_000) -> float:
    """Return p99 / p50 of one server, always equally fast, asked at random times at a share of it.

    What queueing alone does (M/D/1): the bound that no server of one worker can be under.
    """
    dice, free, now = Random(7), 0.0, 0.0  # noqa: S311 - times, no secrets
    waits = []
    for _ in range(calls):
        now += dice.expovariate(share)
        free = max(free, now) + 1.0
        waits.append(free - now)
    return percentile(waits, 99) / percentile(waits, 50)


if __name__ == "__main__":
    sys.exit(main())
