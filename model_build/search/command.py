"""`python -m model_build search MODEL`: search by hand, draw the curve, record the winner."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from catalog.load import CatalogError
from catalog.spec import ModelSpec, Target
from catalog.target import SearchOptions
from model_build.key import ROOT
from model_build.search import curve
from model_build.search.run import Found, search

P99_MS = 25.0


def run(spec: ModelSpec, options: argparse.Namespace) -> bool:
    """Compile, search, write JSON and plot; return whether the gates of the search pass.

    Raises:
        CatalogError: The model has no such target, or is not served by Triton.
    """
    target = with_search(spec, options)
    with tempfile.TemporaryDirectory(prefix=f"slipway-search-{spec.name}-") as folder:
        compiled = compile_for(spec, target, Path(folder) / "compiled")
        found = search(spec, target, compiled, Path(folder))
    curve.write(found.curve, options.out)
    draw(found, options.out.with_suffix(".svg"))
    if options.record:
        path = curve.place(spec.name, target.accelerator)
        curve.write(found.curve, path)
        draw(found, path.with_suffix(".svg"))
        print(f"recorded in {path.relative_to(ROOT)}")
    for verdict in found.verdicts:
        print(f"{'pass' if verdict.passed else 'FAIL'} {verdict.metric}: {verdict.reason}")
    best = found.curve.winner.settings
    print(
        f"options: {{instances: {best.instances}, max_batch: {best.max_batch},"
        f" queue_delay_us: {best.queue_delay_us}}}"
    )
    return options.record or all(verdict.passed for verdict in found.verdicts)


def with_search(spec: ModelSpec, options: argparse.Namespace) -> Target:
    """Return the target with the row's search, and what the command line says of it.

    Raises:
        CatalogError: The model has no such target, or is not served by Triton.
    """
    if spec.serve.runtime != "triton":
        raise CatalogError(
            f"{spec.name}: is served by {spec.serve.runtime!r}: only Triton's settings are searched"
        )
    try:
        target = spec.target(options.accelerator)
    except KeyError as error:
        raise CatalogError(str(error.args[0])) from error
    wanted = target.options.search or SearchOptions(p99_ms=P99_MS)
    said: dict[str, Any] = {
        "p99_ms": options.p99,
        "trials": options.trials,
        "seconds": options.seconds,
    }
    given = {key: value for key, value in said.items() if value is not None}
    changed = {"search": SearchOptions(**{**wanted.model_dump(), **given})}
    return target.model_copy(update={"options": target.options.model_copy(update=changed)})


def compile_for(spec: ModelSpec, target: Target, folder: Path) -> Path:
    """Return a compiled model directory, made as the pipeline makes it."""
    from model_build.compilers import COMPILERS
    from model_build.sources import load_source

    folder.mkdir()
    compiler = COMPILERS[target.accelerator]
    return compiler.compile(spec, target, load_source(spec, ROOT), folder).directory


def draw(found: Found, path: Path) -> None:
    """Draw throughput over p99 of all trials, the winner and the objective marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    trials, winner = found.curve.trials, found.curve.winner
    for count in sorted({trial.settings.instances for trial in trials}):
        shown = [trial for trial in trials if trial.settings.instances == count]
        axes.plot([trial.p99_ms for trial in shown], [trial.throughput for trial in shown], "o",
                  label=f"{count} instance{'s' if count > 1 else ''}")  # fmt: skip
    for trial in trials:
        clients = str(trial.settings.concurrency)
        axes.annotate(clients, (trial.p99_ms, trial.throughput), fontsize=7,
                      textcoords="offset points", xytext=(4, 4))  # fmt: skip
    axes.plot([winner.p99_ms], [winner.throughput], "*", markersize=16, label="winner")
    axes.axvline(found.curve.p99_ms, linestyle="--", label="objective")
    axes.set(xlabel="p99, ms", ylabel="answers a second")
    axes.set_title(f"{found.curve.model} on {found.curve.accelerator}; numbers are clients")
    axes.legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
