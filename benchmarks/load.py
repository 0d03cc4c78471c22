"""Open-model load on a service: at a rate as a gate, or up to its knee.

`python -m benchmarks.load URL [--rate R | --knee] [--p50 MS] [--p99 MS] [--out FOLDER]`

Bodies are queries of the golden templates and of other authors, so lengths are those of real
queries. `model_build.loadtest` says how load is made; the gates of a service use the same.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from benchmarks.table import heading
from model_build.data import intents
from model_build.loadtest import generator
from model_build.loadtest.generator import ERRORS, Point
from model_build.loadtest.knee import FIRST_RATE, knee

__all__ = ["ERRORS", "OBJECTIVE_MS", "Point", "knee", "measure", "table", "usd_per_million"]

OBJECTIVE_MS = 10.0
COLUMNS = (
    *("offered/s", "answered/s", "refused", "failed", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms"),
)


@cache
def bodies() -> tuple[str, ...]:
    """Return about a thousand requests with the lengths of real queries."""
    asked = intents.utterances("golden", 50) + intents.ovos_weather(150)
    return tuple(json.dumps({"text": query.text}) for query in asked)


def measure(url: str, rate: float, seconds: float) -> Point:
    """Send real queries at a rate and return what came back, see `generator.measure`."""
    return generator.measure(url, bodies(), rate, seconds)


def row(point: Point) -> str:
    """Return a row of a Markdown table under `COLUMNS`."""
    cells = [f"{point.offered:.0f}", f"{point.answered:.1f}"]
    cells += [f"{100 * share:.2f} %" for share in (point.refused, point.failed)]
    cells += [f"{value:.2f}" for value in (point.p50, point.p95, point.p99, point.p999)]
    return "| " + " | ".join(cells) + " |"


def usd_per_million(usd_per_hour: float, rate: float) -> float:
    """Return the price of a million requests on a machine that is kept at a rate."""
    return usd_per_hour * 1e6 / (3600 * rate)


def table(points: Sequence[Point]) -> str:
    """Return points as a Markdown table."""
    head = "| " + " | ".join(COLUMNS) + " |\n" + "|" + " --- |" * len(COLUMNS)
    return "\n".join([head, *map(row, points)]) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write JSON; return 1 where the objective is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("url", help="what to POST queries to")
    parser.add_argument("--rate", type=float, default=150, help="requests a second (default: 150)")
    parser.add_argument("--knee", action="store_true", help="find the highest rate instead")
    parser.add_argument("--p50", type=float, default=float("inf"), help="ms; at --rate alone")
    parser.add_argument("--p99", type=float, default=OBJECTIVE_MS, help="ms (default: 10)")
    parser.add_argument("--seconds", type=float, default=20, help="at each rate (default: 20)")
    parser.add_argument("--out", type=Path, help="folder for load.json")
    options = parser.parse_args(argv)
    measure(options.url, FIRST_RATE, 2)  # warm connections, caches, and the estimate of a batch
    if options.knee:
        met, points = knee(lambda rate: measure(options.url, rate, options.seconds), options.p99)
        verdict = met is not None
    else:
        points = [measure(options.url, options.rate, options.seconds)]
        verdict = points[0].meets(options.p99) and points[0].p50 <= options.p50
    print(heading(f"Load on {options.url}", f"open model, p99 objective {options.p99:g} ms"))
    print(table(points))
    print("met" if verdict else "MISSED")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        told = json.dumps([asdict(point) for point in points], indent=1)
        (options.out / "load.json").write_text(told + "\n", encoding="utf-8")
    return 0 if verdict else 1


if __name__ == "__main__":
    sys.exit(main())
