"""A model behind the real Triton: what the server adds, and which settings serve the most.

`python -m benchmarks.triton overhead [--model embedding]`: over gRPC, tokenising, the server and
its processes may add 1.5 ms (median) to the model's own time; at 70 % of the most that it answers,
p99 may be twice the median.

`python -m benchmarks.triton search --p99 25 --out curve.json`: climbs over instances, batch, delay
and clients to the most throughput whose p99 holds; writes every trial and a plot, and prints the
options for the catalog's row, from where they enter key and manifest. `--check curve.json` fails
(1) where the winner is worse than a recorded one by more than `--share`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import heading, target
from benchmarks.triton_load import closed, poisson
from benchmarks.triton_search import Settings, Trial, climb, regression
from benchmarks.triton_server import Triton, running
from catalog.load import load_models
from catalog.spec import ModelSpec, Target
from model_build.gates.run import machine
from model_build.key import ROOT
from model_build.measure import interleaved, percentile
from model_build.package import package

ADDED_MS, TAIL, SHARE_OF_MOST = 1.5, 2.0, 0.7
CLIENTS = (1, 2, 4, 8)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the two; return 1 where a target or the check is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triton", description=__doc__)
    parser.add_argument("what", choices=("overhead", "search"))
    parser.add_argument("--model", default="embedding")
    parser.add_argument("--accelerator", default="cpu")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--p99", type=float, default=25.0, help="search: the objective, ms")
    parser.add_argument("--trials", type=int, default=24, help="search: at most")
    parser.add_argument(
        "--out", type=Path, default=Path("curve.json"), help="search: JSON and plot"
    )
    parser.add_argument("--check", type=Path, help="search: a recorded curve to compare with")
    parser.add_argument("--share", type=float, default=0.2, help="search: how much worse fails")
    options = parser.parse_args(argv)
    spec = load_models()[options.model]
    with tempfile.TemporaryDirectory(prefix="slipway-triton-") as scratch:
        folder = Path(scratch)
        compiled = compile_for(spec, spec.target(options.accelerator), folder / "compiled")
        with running(folder / "server") as triton:
            run = overhead if options.what == "overhead" else search
            return run(spec, compiled, triton, options)


def compile_for(spec: ModelSpec, wanted: Target, folder: Path) -> Path:
    """Return a compiled model directory, made as the pipeline makes it."""
    from model_build.compilers import COMPILERS
    from model_build.sources import load_source

    folder.mkdir()
    compiler = COMPILERS[wanted.accelerator]
    return compiler.compile(spec, wanted, load_source(spec, ROOT), folder).directory


def overhead(spec: ModelSpec, compiled: Path, triton: Triton, options: Any) -> int:
    """Print what the server adds and how long its tail is; return 1 where a target is missed."""
    from serving.runtime import load

    wanted = spec.target(options.accelerator)
    texts = [item for item in spec.examples if isinstance(item, str)]
    name = triton.load(package(spec, wanted, compiled, compiled.parent / "archives"))
    model = load(compiled, threads=wanted.options.threads)
    ask = triton.asker(name)
    tensors = model.preprocess(texts[:1])
    samples = interleaved(
        {"model": partial(model.infer, tensors), "served": partial(ask, texts[:1])},
        seconds=options.seconds,
    )
    times = {key: median(values) for key, values in samples.items()}
    asker = partial(triton.asker, name)
    most = max(closed(asker, texts, count, options.seconds).throughput for count in CLIENTS)
    rate = SHARE_OF_MOST * most
    late = poisson(asker, texts, rate, 2 * options.seconds)
    tail = percentile(late, 99) / percentile(late, 50)
    setting = f"real Triton on loopback, gRPC, one text a call, {options.seconds:g} s each"
    print(heading(f"What serving adds to {spec.name}", setting))
    print(f"model alone {times['model']:.2f} ms, served {times['served']:.2f} ms (medians)")
    print(f"most: {most:.0f} a second; at {rate:.0f} a second (Poisson, {len(late)} calls): "
          f"p50 {percentile(late, 50):.2f}, p99 {percentile(late, 99):.2f} ms")  # fmt: skip
    lines = (
        target("ms below the bound that serving may add (1.5, median)",
               ADDED_MS - (times["served"] - times["model"]), 0.0),
        target("p99 / p50 at 70 % of the most, below 2: what is left", TAIL - tail, 0.0),
    )  # fmt: skip
    print("\n".join(line for line, _ in lines))
    return 0 if all(met for _, met in lines) else 1


def search(spec: ModelSpec, compiled: Path, triton: Triton, options: Any) -> int:
    """Climb, write the curve, print the winner; return 1 where it is a regression."""
    wanted = spec.target(options.accelerator)
    texts = [item for item in spec.examples if isinstance(item, str)]
    archives = compiled.parent / "archives"
    loaded: list[tuple[int, int, int]] = []

    def measure(settings: Settings) -> Trial:
        server = (settings.instances, settings.max_batch, settings.queue_delay_us)
        if loaded[-1:] != [server]:  # the same server for another number of clients
            changed = target_with(wanted, settings)
            triton.load(package(spec, changed, compiled, archives))
            loaded.append(server)
        asker = partial(triton.asker, spec.name)
        found = closed(asker, texts, settings.concurrency, options.seconds)
        times = found.milliseconds
        trial = Trial(settings, found.throughput, percentile(times, 50), percentile(times, 99))
        print(trial.to_json(), flush=True)
        return trial

    winner, trials = climb(measure, options.p99, Settings(), options.trials)
    document = {
        "model": spec.name, "accelerator": options.accelerator, "p99_ms": options.p99,
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(),
        "winner": winner.to_json(), "trials": [trial.to_json() for trial in trials],
    }  # fmt: skip
    options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    plot(document, options.out.with_suffix(".png"))
    best = winner.settings
    print(f"options: {{instances: {best.instances}, max_batch: {best.max_batch},"
          f" queue_delay_us: {best.queue_delay_us}}}")  # fmt: skip
    if options.check:
        before = json.loads(options.check.read_text(encoding="utf-8"))["winner"]
        if worse := regression(before, winner, options.share):
            print(f"REGRESSION: {worse}")
            return 1
    return 0


def target_with(wanted: Target, settings: Settings) -> Target:
    """Return a target with a trial's server settings."""
    changed = {
        "instances": settings.instances,
        "max_batch": settings.max_batch,
        "queue_delay_us": settings.queue_delay_us,
    }
    return wanted.model_copy(update={"options": wanted.options.model_copy(update=changed)})


def plot(document: dict[str, Any], path: Path) -> None:
    """Write throughput over p99 of all trials, the winner and the objective marked."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    trials, winner = document["trials"], document["winner"]
    axes.plot([row["p99_ms"] for row in trials], [row["throughput"] for row in trials], "o")
    axes.plot([winner["p99_ms"]], [winner["throughput"]], "*", markersize=16, label="winner")
    axes.axvline(document["p99_ms"], linestyle="--", label="objective")
    axes.set_xlabel("p99, ms")
    axes.set_ylabel("answers a second")
    axes.set_title(f"{document['model']} on {document['accelerator']}")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


if __name__ == "__main__":
    sys.exit(main())
