"""The subcommand `ops estimate`."""

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console

from catalog import load
from catalog.prices import PriceChanges, Prices
from catalog.release import ReleaseContext
from ops.estimate.assembly import ROOT, SynthFailed, synthesise
from ops.estimate.compare import NothingToCompare, changes, other_estimate
from ops.estimate.line import Estimate
from ops.estimate.placeholder import placeholder
from ops.estimate.pricing import estimate
from ops.estimate.show import show, show_changes

EXPECTED = (SynthFailed, NothingToCompare, ValueError)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--environment", help="one environment (or `tooling`) alone")
    which.add_argument("--all", action="store_true", help="all of them (the default)")
    parser.add_argument(
        "--catalog", type=Path, default=Path("catalog"), help="such as examples/aws"
    )
    parser.add_argument("--release", type=Path, help="what is served (default: every catalog row)")
    parser.add_argument("--prices", type=Path, help="rows in place of those of prices.yaml")
    parser.add_argument("--against", help="a commit, branch, tag, or a file that --json wrote")
    parser.add_argument("--json", type=Path, help="write the estimate to this file instead")
    parser.add_argument("--lines", action="store_true", help="show every resource, however small")


def run(arguments: argparse.Namespace) -> int:
    """Estimate, and print or write it."""
    found = _estimate(arguments)
    if arguments.environment:
        if arguments.environment not in found.environments:
            known = ", ".join(found.environments)
            raise ValueError(f"--environment {arguments.environment}: use one of {known}")
        found = found.of([arguments.environment])
    if arguments.json:
        arguments.json.write_text(json.dumps(found.to_json(), indent=1) + "\n", encoding="utf-8")
        return 0
    console = Console()
    show(found, console, every_line=arguments.lines)
    if arguments.against:
        before = other_estimate(arguments.against, _passed_on(arguments))
        if arguments.environment:
            before = before.of([arguments.environment])
        show_changes(changes(before, found), arguments.against, console)
    return 0


def _estimate(arguments: argparse.Namespace) -> Estimate:
    folder = ROOT / arguments.catalog
    pipeline = load.load_pipeline(folder)
    environments = [load.load_environment(name, folder) for name in pipeline.environments]
    release = _release(arguments.release) if arguments.release else placeholder(environments)
    with tempfile.TemporaryDirectory() as scratch:
        templates = synthesise(folder, release, Path(scratch))
    return estimate(templates, _prices(arguments.prices), _pairs_per_second(release))


def _release(file: Path) -> ReleaseContext:
    return ReleaseContext.from_json(json.loads(file.read_text(encoding="utf-8")))


def _prices(changes_file: Path | None) -> Prices:
    table = load.load_prices()
    return table.changed(load.read(changes_file, PriceChanges)) if changes_file else table


def _pairs_per_second(release: ReleaseContext) -> dict[str, float]:
    """Return what the gates measured of the duplicates artifacts, by accelerator."""
    measured = {
        accelerator: manifest.evidence.measurement("throughput")
        for accelerator, manifest in release.manifests.get("duplicates", {}).items()
    }
    return {name: found.value for name, found in measured.items() if found}


def _passed_on(arguments: argparse.Namespace) -> list[str]:
    """Return what another version needs so that only the infrastructure differs."""
    prices = ["--prices", str(arguments.prices.resolve())] if arguments.prices else []
    return ["--catalog", str(arguments.catalog), *prices]
