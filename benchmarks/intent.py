"""Query intent: the service against plain FastAPI with the same engine, and with eager PyTorch.

`python -m benchmarks.intent [--artifact FILE] [--workers N] [--seconds S] [--out FOLDER]`

All run at once and take turns, client and servers on one machine: at 150 requests a second, then
each to its knee under the objective and far beyond it, then the service at three times its maximum.
One more server computes nothing: what it takes at 150 requests a second is the generator's and the
kernel's. Prints tables, writes `intent.json` and `intent.svg` (the load curves), and exits with 1
where a target is missed.

Every system has one worker, as a task with one core has: the other core is the generator's.
"""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import load, plot, servers
from benchmarks.load import OBJECTIVE_MS, Point
from benchmarks.table import heading, target
from catalog.load import load_models, load_prices
from model_build.compilers import COMPILERS
from model_build.package import package
from model_build.sources import load_source
from serving.runtime.archive import unpack

RATE, P50_MS = 150, 3.0
ROUNDS = 3
CURVE = (50, 100, 200, 400, 800, 1600)  # requests a second, past what any of them answers
OVER_CONTROL, OVERLOAD, KEPT, OVERLOAD_P99_MS = 1.5, 3, 0.9, 20.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intent", description=__doc__)
    parser.add_argument("--artifact", type=Path, help="the archive (default: compile the row)")
    parser.add_argument("--workers", type=int, default=1, help="of every system (default: 1)")
    parser.add_argument("--seconds", type=float, default=10, help="at each rate (default: 10)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder (default: out)")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        archive = options.artifact or compiled(Path(scratch))
        directory = Path(scratch) / "served"
        with tarfile.open(archive) as opened:
            unpack(opened, directory)
        systems = [
            servers.shipped(archive, options.workers),
            servers.control("compiled", directory, options.workers),
            servers.control("eager", directory, options.workers),
        ]
        floor = servers.floor(options.workers)
        with servers.running([*systems, floor]):
            found = compare(systems, floor, options.seconds)
    setting = f"open model, {options.workers} worker(s) each, client on the same machine"
    print(heading("Query intent", setting))
    verdicts = report(found)
    options.out.mkdir(parents=True, exist_ok=True)
    told = {
        kind: {name: [asdict(point) for point in points] for name, points in systems_found.items()}
        for kind, systems_found in found.items()
    }
    (options.out / "intent.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    plot.curves(found["curve"], OBJECTIVE_MS, options.out / "intent.svg")
    return 0 if all(verdicts) else 1


def compiled(folder: Path) -> Path:
    """Compile and package the row as the build does."""
    spec = load_models()["intent"]
    row = spec.target("cpu")
    source = load_source(spec, servers.ROOT)
    made = COMPILERS["cpu"].compile(spec, row, source, folder / "compiled")
    return package(spec, row, made.directory, folder)


def compare(
    systems: Sequence[servers.System], floor: servers.System, seconds: float
) -> dict[str, dict[str, list[Point]]]:
    """Return points by kind of measurement and system."""
    for system in (*systems, floor):
        load.measure(system.url, RATE / 3, 3)
    steady: dict[str, list[Point]] = {system.name: [] for system in (*systems, floor)}
    for _ in range(ROUNDS):
        for system in (*systems, floor):
            steady[system.name].append(load.measure(system.url, RATE, seconds))
    knees = {}
    for system in systems:
        _, knees[system.name] = load.knee(
            partial(load.measure, system.url, seconds=seconds), OBJECTIVE_MS
        )
    ours = systems[0]
    best = _best(knees[ours.name])
    overload = []
    if best is not None:
        overload = [load.measure(ours.url, OVERLOAD * best.offered, seconds) for _ in range(ROUNDS)]
    curve = {
        system.name: [load.measure(system.url, rate, seconds) for rate in CURVE]
        for system in systems[:2]  # the eager one answers a tenth
    }
    return {"steady": steady, "knee": knees, "curve": curve, "overload": {ours.name: overload}}


def report(found: dict[str, dict[str, list[Point]]]) -> list[bool]:
    """Print tables and targets; return which targets are met."""
    ours, control, *_ = found["steady"]
    for kind, systems in found.items():
        for name, points in systems.items():
            print(f"### {kind}: {name}\n\n{load.table(points)}")
    typical = {name: _median(points) for name, points in found["steady"].items()}
    best = {name: _best(points) for name, points in found["knee"].items()}
    usd = load_prices().usd_per_hour(load_models()["intent"].target("cpu").instance)
    print(_comparison(typical, best, usd))
    steady, top = typical[ours], best[ours]
    lines = [
        _at_most(f"p50 at {RATE} requests/s, ms", steady.p50, P50_MS),
        _at_most(f"p99 at {RATE} requests/s, ms", steady.p99, OBJECTIVE_MS),
        _at_most(
            f"share not answered at {RATE} requests/s", steady.refused + steady.failed, load.ERRORS
        ),
    ]
    if top is not None:
        slower = best[control]
        over = top.offered / slower.offered if slower else float("inf")
        lines.append(
            target(f"maximum under {OBJECTIVE_MS:g} ms over {control}", over, OVER_CONTROL)
        )
        flood = _median(found["overload"][ours])
        kept = flood.answered / top.answered
        lines.append(target(f"of its maximum answered at {OVERLOAD}x", kept, KEPT))
        lines.append(
            _at_most(f"p99 of the answered at {OVERLOAD}x, ms", flood.p99, OVERLOAD_P99_MS)
        )
    print("\n".join(line for line, _ in lines))
    return [met for _, met in lines] + [top is not None]


def _comparison(typical: dict[str, Point], best: dict[str, Point | None], usd: float) -> str:
    lines = [
        f"| system | p50 ms | p99 ms | p99.9 ms | most under {OBJECTIVE_MS:g} ms | USD a million |",
        "|" + " --- |" * 6,
    ]
    for name, point in typical.items():
        top = best.get(name)
        most = f"{top.offered:.0f}/s" if top else "none"
        cost = f"{load.usd_per_million(usd, top.offered):.3f}" if top else "-"
        lines.append(
            f"| {name} | {point.p50:.2f} | {point.p99:.2f} | {point.p999:.2f} | {most} | {cost} |"
        )
    return "\n".join(lines) + "\n"


def _best(points: Sequence[Point]) -> Point | None:
    met = [point for point in points if point.meets(OBJECTIVE_MS)]
    return max(met, key=lambda point: point.offered, default=None)


def _median(points: Sequence[Point]) -> Point:
    """Return the median of every column over repeated runs."""
    columns = [[getattr(point, name) for point in points] for name in Point.__dataclass_fields__]
    return Point(*(median(column) for column in columns))


def _at_most(words: str, reached: float, most: float) -> tuple[str, bool]:
    met = reached <= most
    return f"{'met' if met else 'MISSED'}: {words}: {reached:.3f} (at most {most:g})", met


if __name__ == "__main__":
    sys.exit(main())
