"""The subcommand `ops alarms`: which alarms there are, in what state, and where to read on."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ops.account import Account
from ops.alarms.alarm import Alarm, alarms_of
from ops.say import ago, examples

WIDTH = 150  # of a page that no terminal shows
COLOURS = {"ALARM": "bold red", "INSUFFICIENT_DATA": "yellow", "OK": "green"}
EXAMPLES = {
    "alarms": "what rings now, in all environments",
    "alarms --all --environment prod": "every alarm of prod, also the quiet ones",
    "alarms --json | jq '.[] | select(.severity == \"page\")'": "for a machine",
}


def read(account: Account, environment: str | None = None, name: str = "") -> list[Alarm]:
    """Return the alarms of an environment, or of the tooling and all environments.

    Args:
        account: Where they are deployed.
        environment: One environment; None for all, and the pipelines'.
        name: A name's beginning.
    """
    places = [environment] if environment else [None, *account.environments]
    found: dict[str, Alarm] = {}
    for place in places:
        prefix = name or (f"slipway-{place}-" if place else "slipway-")
        pages = account.client("cloudwatch", place).get_paginator("describe_alarms")
        kinds = ["MetricAlarm", "CompositeAlarm"]
        documents = [
            item
            for page in pages.paginate(AlarmNamePrefix=prefix, AlarmTypes=kinds)
            for item in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
        ]
        found |= {alarm.name: alarm for alarm in alarms_of(documents)}
    order = ("ALARM", "INSUFFICIENT_DATA", "OK")
    return sorted(found.values(), key=lambda alarm: order.index(alarm.state))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    parser.add_argument("--environment", help="only its alarms (default: all, and the pipelines')")
    parser.add_argument("--all", action="store_true", help="also those that are OK")
    parser.add_argument("--json", action="store_true", help="print them as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the alarms."""
    alarms = read(Account(), arguments.environment)
    shown = [alarm for alarm in alarms if arguments.all or alarm.state != "OK"]
    if arguments.json:
        print(json.dumps([alarm.to_json() for alarm in shown], indent=1))
        return 0
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if shown:
        console.print(table(shown, datetime.now(UTC)))
    quiet = sum(alarm.state == "OK" for alarm in alarms)
    console.print(f"{quiet} of {len(alarms)} alarms are OK", highlight=False)
    return 0


def table(alarms: Sequence[Alarm], now: datetime) -> Table:
    """Return a table of alarms."""
    made = Table("alarm", "state", "since", "severity", "rings", "runbook", box=SIMPLE_HEAD)
    for alarm in alarms:
        state = f"[{COLOURS[alarm.state]}]{alarm.state}[/]"
        rings = alarm.rings if not alarm.composite else f"while one of {len(alarm.parts)} rings"
        made.add_row(alarm.name, state, ago(alarm.since, now), alarm.severity, rings, alarm.runbook)
    return made
