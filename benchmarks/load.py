"""Open-model load on a service: at a rate as a gate, or up to its knee.

`python -m benchmarks.load URL [--rate R | --knee] [--p50 MS] [--p99 MS] [--out FOLDER]`

The generator is k6 (constant arrival rate, near-Poisson arrivals, see load.js). A request that k6
could not even start, for want of a free client, counts as failed: nothing is coordinated away.
Latency is the client's: from sending to the last byte. Bodies are queries of the golden templates
and of other authors, so lengths are those of real queries.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from benchmarks.table import heading
from model_build.data import intents

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_suffix(".js")
K6 = Path(sys.executable).with_name("k6")
# One core at most: the other one is the server's.
GENERATOR = {"GOMAXPROCS": "1"}
OBJECTIVE_MS = 10.0
ERRORS = 0.001  # the share of requests that may go wrong while an objective counts as met
FIRST_RATE, NARROW = 100, 1.08
COLUMNS = (
    *("offered/s", "answered/s", "refused", "failed", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms"),
)


@dataclass(frozen=True)
class Point:
    """What clients saw at one rate.

    Attributes:
        offered: Requests a second that were to be sent.
        answered: Requests a second that were answered with 200.
        refused: The share of requests refused with 429 or 503.
        failed: The share that got another answer, none, or could not be sent in time.
        p50, p95, p99, p999: Milliseconds of the answered ones.
    """

    offered: float
    answered: float
    refused: float
    failed: float
    p50: float
    p95: float
    p99: float
    p999: float

    def meets(self, p99_ms: float) -> bool:
        """Say whether the objective holds for all that was offered."""
        return self.p99 < p99_ms and self.refused + self.failed <= ERRORS

    def row(self) -> str:
        """Return a row of a Markdown table under `COLUMNS`."""
        cells = [f"{self.offered:.0f}", f"{self.answered:.1f}"]
        cells += [f"{100 * share:.2f} %" for share in (self.refused, self.failed)]
        cells += [f"{value:.2f}" for value in (self.p50, self.p95, self.p99, self.p999)]
        return "| " + " | ".join(cells) + " |"


@cache
def bodies() -> tuple[str, ...]:
    """Return about a thousand requests with the lengths of real queries."""
    asked = intents.utterances("golden", 50) + intents.ovos_weather(150)
    return tuple(json.dumps({"text": query.text}) for query in asked)


def measure(url: str, rate: float, seconds: float) -> Point:
    """Send requests at a rate and return what came back.

    Args:
        url: What is asked, by POST.
        rate: Requests a second.
        seconds: For how long.

    Raises:
        RuntimeError: k6 failed; the message is the end of its output.
    """
    with tempfile.TemporaryDirectory() as scratch:
        texts, summary = Path(scratch) / "bodies.json", Path(scratch) / "summary.json"
        texts.write_text(json.dumps([*bodies()]), encoding="utf-8")
        told = {
            "URL": url,
            "RATE": str(round(rate)),
            "SECONDS": str(seconds),
            "BODIES": str(texts),
            "SUMMARY": str(summary),
            "USERS": str(100 + round(rate / 20)),
        }
        command = [str(K6), "run", "--no-usage-report", "--quiet", "--log-output=none"]
        command += [item for name, value in told.items() for item in ("-e", f"{name}={value}")]
        done = subprocess.run(
            [*command, str(SCRIPT)],
            env=os.environ | GENERATOR | {"HOME": scratch},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not summary.exists():
            raise RuntimeError(
                f"k6 ended with {done.returncode}: {(done.stdout + done.stderr)[-800:]}"
            )
        return _point(rate, seconds, json.loads(summary.read_text(encoding="utf-8")))


def _point(rate: float, seconds: float, found: dict[str, dict[str, float]]) -> Point:
    answered = found["answered"]
    counts = {name: found[name].get("count", 0.0) for name in ("answered", "refused")}
    failed = float(found["failed"]) + float(found.get("dropped", 0))  # type: ignore[arg-type]
    total = max(counts["answered"] + counts["refused"] + failed, 1.0)
    nothing = float("inf")
    return Point(
        offered=rate,
        answered=counts["answered"] / seconds,
        refused=counts["refused"] / total,
        failed=failed / total,
        p50=answered.get("med", nothing),
        p95=answered.get("p(95)", nothing),
        p99=answered.get("p(99)", nothing),
        p999=answered.get("p(99.9)", nothing),
    )


def knee(
    ask: Callable[[float], Point], p99_ms: float = OBJECTIVE_MS, narrow: float = NARROW
) -> tuple[Point | None, list[Point]]:
    """Find the highest rate that meets the objective: double until it does not, then halve the gap.

    A rate is missed if it is missed twice: another job on the machine may spoil one try.

    Args:
        ask: Measures at a rate.
        p99_ms: The objective.
        narrow: Stop when the gap between met and missed is smaller than this ratio.

    Returns:
        The best point that met it, or None, and all points by rate.
    """
    points: list[Point] = []
    met: Point | None = None
    rate, missed = float(FIRST_RATE), float("inf")
    while met is None or missed / met.offered > narrow:
        point = ask(rate)
        if not point.meets(p99_ms):
            point = min(point, ask(rate), key=lambda tried: tried.p99)
        points.append(point)
        if point.meets(p99_ms):
            met = point
        else:
            missed = rate
        if met is None and rate < FIRST_RATE / 8:
            break
        if met is None:
            rate /= 2
        else:
            rate = 2 * met.offered if missed == float("inf") else (met.offered * missed) ** 0.5
    return met, sorted(points, key=lambda point: point.offered)


def usd_per_million(usd_per_hour: float, rate: float) -> float:
    """Return the price of a million requests on a machine that is kept at a rate."""
    return usd_per_hour * 1e6 / (3600 * rate)


def table(points: Sequence[Point]) -> str:
    """Return points as a Markdown table."""
    head = "| " + " | ".join(COLUMNS) + " |\n" + "|" + " --- |" * len(COLUMNS)
    return "\n".join([head, *(point.row() for point in points)]) + "\n"


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
