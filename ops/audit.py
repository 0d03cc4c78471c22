"""`ops audit`: who changed what, when and why; people and automatic answers alike."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from catalog.audit import PREFIX, Record, latest
from ops.account import Account
from ops.say import examples

WIDTH = 150
SHOWN = 20
EXAMPLES = {
    "audit": "the last changes of all environments",
    "audit --environment prod --limit 100": "of prod, further back",
    "audit --json": "whole records",
}


def read(account: Account, environment: str, limit: int = SHOWN) -> list[Record]:
    """Return the last changes of an environment, newest first."""
    bucket = account.records(environment)
    # two records a change, and names begin with the time
    keys = bucket.keys(PREFIX)[-2 * limit :]
    found = [Record.from_json(data) for key in keys if (data := bucket.get(key))]
    return latest(item for item in found if item.environment == environment)[:limit]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    parser.add_argument("--environment", help="only its changes (default: all)")
    parser.add_argument("--limit", type=int, default=SHOWN, help=f"how many (default: {SHOWN})")
    parser.add_argument("--json", action="store_true", help="print the records as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the records."""
    account = Account()
    names = [arguments.environment] if arguments.environment else account.environments
    found = sorted(
        (record for name in names for record in read(account, name, arguments.limit)),
        key=lambda record: record.id,
        reverse=True,
    )[: arguments.limit]
    if arguments.json:
        print(json.dumps([asdict(record) for record in found], indent=1))
        return 0
    table = Table("when (UTC)", "environment", "who", "what", "from, to", "why", box=SIMPLE_HEAD)
    for record in found:
        what = record.action if record.state == "done" else f"{record.action} ({record.state})"
        change = f"{_short(record.before)} -> {_short(record.after)}"
        who = record.who.rsplit(":", 1)[-1] if record.who.startswith("arn:") else record.who
        table.add_row(record.at, record.environment, who, what, change, record.reason)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
    return 0


def _short(values: object) -> str:
    items = values.items() if isinstance(values, dict) else ()
    return ", ".join(f"{key} {value[:12] if key == 'release' else value}" for key, value in items)
