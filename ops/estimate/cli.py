"""The subcommand `ops estimate`."""

import argparse
import json
import sys
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
from ops.estimate.show import show, show_changes, show_targets
from ops.estimate.targets import targets

WIDTH = 110  # of a page that no terminal shows
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
    targets = parser.add_argument_group("targets", "which of a release's targets is cheapest")
    targets.add_argument("--targets", action="store_true", help="compare them, by their evidence")
    targets.add_argument("--rate", type=float, default=10.0, help="inputs a second (default: 10)")
    targets.add_argument("--p99-ms", type=float, help="objective (default: the row's own gate)")


def run(arguments: argparse.Namespace) -> int:
    """Estimate, and print or write it."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if arguments.targets:
        return _targets(arguments, console)
    found = _estimate(arguments)
    if arguments.environment:
        if arguments.environment not in found.environments:
            known = ", ".join(found.environments)
            raise ValueError(f"--environment {arguments.environment}: use one of {known}")
        found = found.of([arguments.environment])
    if arguments.json:
        arguments.json.write_text(json.dumps(found.to_json(), indent=1) + "\n", encoding="utf-8")
        return 0
    show(found, console, every_line=arguments.lines)
    if arguments.against:
        before = other_estimate(arguments.against, arguments.catalog, _prices(arguments.prices))
        if arguments.environment:
            before = before.of([arguments.environment])
        show_changes(changes(before, found), arguments.against, console)
    return 0


def _estimate(arguments: argparse.Namespace) -> Estimate:
    folder = ROOT / arguments.catalog
    pipeline = load.load_pipeline(folder)
    environments = [load.load_environment(name, folder) for name in pipeline.environments]
    served = _release(arguments.release) if arguments.release else None
    with tempfile.TemporaryDirectory() as scratch:
        templates = synthesise(folder, served or placeholder(environments), Path(scratch))
    measured = _pairs_per_second(served) if served else {}
    return estimate(templates, _prices(arguments.prices), measured)


def _targets(arguments: argparse.Namespace, console: Console) -> int:
    release = _release(arguments.release) if arguments.release else _live(arguments.environment)
    prices = _prices(arguments.prices)
    found = targets(release, prices, rate=arguments.rate, p99_ms=arguments.p99_ms)
    show_targets(found, arguments.rate, console)
    return 0


def _live(environment: str | None) -> ReleaseContext:
    """Return what an environment of this account serves."""
    from ops.account import Account

    account = Account()
    name = environment or account.environments[-1]
    return account.context(name, account.live_release(name))


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
