"""Load on the service itself: open arrivals at the row's rate, then up to the knee.

What a caller of the service sees, queueing and HTTP included. The service runs the archive as ECS
would, one worker; generator and service share the machine, so the figures err upwards.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catalog.artifact import Measurement
from catalog.spec import ModelSpec, Target
from model_build.loadtest import generator, service
from model_build.loadtest.generator import Point
from model_build.loadtest.knee import knee
from model_build.package import package

P50, P99, THROUGHPUT = "served_p50_ms", "served_p99_ms", "served_throughput"
SERVED = frozenset({P50, P99, THROUGHPUT})
"""What `measure_served` measures, for rows whose load names a rate."""

WARM_UP_SECONDS, KNEE_SECONDS, NARROW = 1.0, 1.0, 1.42  # one step below a doubling
TRIES = 4
COLUMNS = ("offered", "answered", "p50_ms", "p99_ms")


def measure_served(
    spec: ModelSpec, target: Target, compiled: Path, inputs: Sequence[Any]
) -> tuple[list[Measurement], dict[str, Any]]:
    """Return p50 and p99 at the row's rate, the highest rate whose p99 holds, and the load curve.

    Args:
        spec: The row; `gates.load.rate` is set.
        target: What was compiled.
        compiled: The compiled model directory.
        inputs: Texts to ask.

    Raises:
        RuntimeError: The service does not start, or the generator fails.
    """
    load = spec.gates.load
    assert load.rate is not None, "only rows with a rate are loaded as a service"
    goal = spec.gates.metrics.get(P99)
    limit = goal.threshold if goal and goal.threshold else float("inf")
    bodies = [json.dumps({"text": text}) for text in inputs]
    with TemporaryDirectory(prefix="slipway-load-") as scratch:
        archive = package(spec, target, compiled, Path(scratch))
        # It was made for the image of the service, not for that of this build.
        system = service.shipped(archive, workers=1, SLIPWAY_IMAGE_TAG="")
        with service.running([system]):
            ask = partial(generator.measure, system.url, bodies)
            ask(load.rate, WARM_UP_SECONDS)
            steady = _steady(partial(ask, load.rate, load.seconds), limit)
            best, curve = knee(
                lambda rate: steady if rate == load.rate else ask(rate, KNEE_SECONDS),
                limit,
                narrow=NARROW,
                first=load.rate,
            )
    samples = round(steady.answered * load.seconds)
    measured = [
        Measurement(P50, steady.p50, samples),
        Measurement(P99, steady.p99, samples),
        Measurement(THROUGHPUT, best.offered if best else 0.0, samples),
    ]
    rows = [[point.offered, point.answered, point.p50, point.p99] for point in curve]
    told = [[round(value, 3) for value in row] for row in rows if row[-1] < float("inf")]
    return measured, {
        "columns": list(COLUMNS),
        "points": told,
        "limit_ms": None if limit == float("inf") else limit,
        "by": "k6, open arrivals, on the machine of the service, which has one worker",
    }


def _steady(ask: partial[Point], limit: float) -> Point:
    """Return the first try that meets the limit, or the best: another job may spoil a few."""
    tries = [ask()]
    while len(tries) < TRIES and not tries[-1].meets(limit):
        tries.append(ask())
    return min(tries, key=lambda tried: (tried.refused + tried.failed, tried.p99))
