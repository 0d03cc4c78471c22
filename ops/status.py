"""`ops status`: what is live where, since when, by whom, and with what evidence."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog.artifact import Manifest, Measurement
from catalog.release import ReleaseContext
from ops.account import NONE, Account
from ops.report.facts import quality
from ops.say import ago, examples
from ops.standing import Standing, standing

WIDTH = 150  # of a page that no terminal shows
SHORT = 12
EXAMPLES = {
    "status": "all environments in a table",
    "status --environment prod": "one, with each model's artifact and what its gates measured",
    "status --json": "for a machine, with whole digests",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    parser.add_argument("--environment", help="only this one, with its models")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print how the environments stand."""
    account = Account()
    names = [arguments.environment] if arguments.environment else account.environments
    found = [standing(account, name) for name in names]
    if arguments.json:
        print(json.dumps([asdict(item) for item in found], indent=1, default=str))
        return 0
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(table(found, datetime.now(UTC)))
    if arguments.environment and found[0].release != NONE:
        console.print(models(account.context(arguments.environment, found[0].release)))
    return 0


def table(found: Sequence[Standing], now: datetime) -> Table:
    """Return a row for each environment."""
    made = Table(
        "environment", "release", "since", "by", "before", "promotions", "serving", box=SIMPLE_HEAD
    )
    for item in found:
        servers = [f"{name}: {state}" for name, state in item.servers.items()]
        servers += [f"[bold red]{name} rings[/]" for name in item.ringing]
        made.add_row(
            item.environment,
            item.release[:SHORT],
            ago(item.since, now) if item.since else "",
            escape(item.by),
            item.previous[:SHORT],
            escape(item.promotions),
            "\n".join(servers) or "none",
        )
    return made


def models(context: ReleaseContext) -> Table:
    """Return a row for each model of a release: its artifact, and what its gates measured."""
    commit = context.release.created_from_commit[:SHORT]
    made = Table(
        "model", "artifact", "engine", "quality", "", "p99 ms", "per second", box=SIMPLE_HEAD,
        title=f"release {context.hex[:SHORT]} from commit {commit}", title_justify="left",
    )  # fmt: skip
    for manifest in context.all:
        metric = quality(manifest) or ""
        made.add_row(
            manifest.model,
            manifest.digest()[:SHORT],
            f"{manifest.engine} {manifest.precision}",
            metric,
            *(_figure(manifest, name) for name in (metric, "p99_ms", "throughput")),
        )
    return made


def _figure(manifest: Manifest, metric: str) -> str:
    found: Measurement | None = manifest.evidence.measurement(metric)
    if found is None:
        return ""
    source = "" if found.source is None else f" ({found.source:.3g})"
    return f"{found.value:.3g}{source}"
