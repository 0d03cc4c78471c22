"""The subcommand `ops preflight`: reads, never changes anything."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import boto3
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from catalog import load
from ops.estimate.assembly import ROOT
from ops.preflight.finding import ORDER, Finding
from ops.preflight.run import preflight
from ops.preflight.visit import Trip
from ops.visit import Accounts

WIDTH = 130  # of a page that no terminal shows
COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", "unknown": "magenta"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--environment", required=True, help="which one is to be deployed")
    parser.add_argument(
        "--catalog", type=Path, default=Path("catalog"), help="such as examples/aws"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--strict", action="store_true", help="let unknown answers fail too")


def run(arguments: argparse.Namespace) -> int:
    """Ask the accounts; 1 if a deployment would fail, or if `--strict` and something is unknown."""
    folder = ROOT / arguments.catalog
    environment = load.load_environment(arguments.environment, folder)
    accounts = Accounts(boto3.Session(region_name=environment.region))
    found = preflight(Trip(environment, load.load_pipeline(folder), accounts.client))
    if arguments.json:
        print(json.dumps([asdict(item) for item in found], indent=1))
    else:
        show(found, Console(width=None if sys.stdout.isatty() else WIDTH))
    stops = {"fail", "unknown"} if arguments.strict else {"fail"}
    return int(any(item.verdict in stops for item in found))


def show(found: Sequence[Finding], console: Console) -> None:
    """Print a table, what stops a deployment first."""
    table = Table("check", "verdict", "found", "remedy", box=SIMPLE_HEAD)
    for item in sorted(found, key=lambda item: ORDER.index(item.verdict)):
        verdict = f"[{COLOURS[item.verdict]}]{item.verdict}[/]"
        table.add_row(item.check, verdict, item.says, item.remedy)
    console.print(table)
    counts = Counter(item.verdict for item in found)
    console.print(", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(ORDER)))
