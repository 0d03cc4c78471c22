"""The subcommand `ops explain ALARM`: what it means, why it rings, what to do."""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape

from ops import audit, runbook
from ops.account import Account
from ops.alarms.alarm import Alarm
from ops.alarms.cli import COLOURS
from ops.alarms.cli import read as read_alarms
from ops.alarms.words import in_unit
from ops.executions import PIPELINE
from ops.explain import values
from ops.explain.cause import Cause, Known, likely_cause
from ops.promotions import promotions
from ops.say import ago, examples

WIDTH = 120
SHOWN = 4  # promotions and changes
EXAMPLES = {
    "explain slipway-prod-search-slow": "values, what changed, the runbook, one safe command",
    "explain slipway-prod-search-page": "of a composite: which of its parts was first",
    "explain slipway-prod-search-slow --json": "for a machine",
}


class NoSuchAlarm(Exception):
    """There is no alarm of that name."""


EXPECTED = (NoSuchAlarm,)


@dataclass(frozen=True)
class Explanation:
    """All that is known of one alarm."""

    alarm: Alarm
    series: list[values.Series]
    known: Known
    cause: Cause
    section: runbook.Section | None
    command: str


def explain(account: Account, name: str) -> Explanation:
    """Return what is known of an alarm.

    Raises:
        NoSuchAlarm: There is none of that name.
    """
    environment = environment_of(name, account.environments)
    near = read_alarms(account, environment)
    found = [alarm for alarm in near if alarm.name == name]
    if not found:
        raise NoSuchAlarm(f"no alarm {name!r}: `python -m ops alarms --all` lists them")
    alarm = found[0]
    client = account.client("cloudwatch", environment)
    series = [] if alarm.composite else values.read(client, alarm.document)
    known = _known(account, environment, [a for a in near if a.state == "ALARM" and a != alarm])
    cause = likely_cause(alarm, known)
    section = runbook.section(alarm.runbook) if alarm.runbook else None
    command = cause.command or _command(alarm, section, environment)
    return Explanation(alarm, series, known, cause, section, command)


def environment_of(alarm: str, environments: tuple[str, ...]) -> str | None:
    """Return the environment whose alarm this is by its name; None for the tooling's."""
    found = [name for name in environments if alarm.startswith(f"slipway-{name}-")]
    return max(found, key=len, default=None)


def _known(account: Account, environment: str | None, ringing: list[Alarm]) -> Known:
    if environment is None:
        return Known("the tooling", ringing=ringing)
    changes = audit.read(account, environment)
    client = account.client("codepipeline")
    return Known(environment, promotions(client, PIPELINE, environment), changes, ringing)


def _command(alarm: Alarm, section: runbook.Section | None, environment: str | None) -> str:
    if section is None or not section.command:
        return ""
    anchor = alarm.runbook.partition("#")[2]
    return runbook.filled_in(
        section.command,
        environment=environment or "",
        target=alarm.name.removesuffix(f"-{anchor}"),
        alarm=alarm.name,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    parser.add_argument("alarm", help="its name, as `ops alarms` lists it")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Explain."""
    found = explain(Account(), arguments.alarm)
    if arguments.json:
        print(json.dumps(to_json(found), indent=1, default=str))
    else:
        show(found, Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False))
    return 0


def to_json(found: Explanation) -> dict[str, object]:
    """Return an explanation for machines."""
    return {
        "alarm": found.alarm.to_json(),
        "values": [asdict(series) for series in found.series],
        "promotions": [asdict(item) for item in found.known.promotions[:SHOWN]],
        "changes": [asdict(item) for item in found.known.changes[:SHOWN]],
        "ringing": [alarm.name for alarm in found.known.ringing],
        "cause": found.cause.sentence,
        "command": f"python -m ops {found.command}" if found.command else "",
        "runbook": asdict(found.section) if found.section else None,
    }


def show(found: Explanation, console: Console) -> None:
    """Print an explanation for people."""
    alarm, now = found.alarm, datetime.now(UTC)
    state = f"[{COLOURS[alarm.state]}]{alarm.state}[/]"
    console.print(f"[bold]{alarm.name}[/]  {state} since {alarm.since:%H:%M:%S} UTC", end="")
    console.print(f" ({ago(alarm.since, now)}), severity {alarm.severity}")
    console.print(escape(alarm.summary))
    console.print(f"rings   {escape(alarm.rings)}")
    console.print(f"why     {escape(alarm.why)}")
    for series in found.series:
        shown = " ".join(in_unit(alarm.document, value) for _, value in series.points[-6:])
        last = f"{series.bars}  last: {shown}" if series.points else series.remark or "no data"
        console.print(f"values  {escape(series.label)}: {escape(last)}")
    console.print("\n[bold]Before it[/]")
    for promotion in found.known.promotions[:SHOWN]:
        live = f"live {ago(promotion.moved, now)} ago" if promotion.moved else promotion.status
        console.print(f"  release {promotion.release[:12] or '?'}  {live}  ({promotion.execution})")
    for change in found.known.changes[:SHOWN]:
        console.print(
            escape(f"  {change.at} UTC  {change.action} by {change.who}: {change.reason}")
        )
    for other in found.known.ringing:
        console.print(f"  {other.name} rings too, since {other.since:%H:%M:%S} UTC")
    console.print(f"\n[bold]Likely cause[/]\n  {escape(found.cause.sentence)}")
    if found.section:
        console.print(f"\n[bold]Runbook[/]  docs/runbooks/{alarm.runbook}")
        for name, text in found.section.paragraphs.items():
            if name not in {"Rings", "Command"}:
                console.print(f"  [bold]{name}[/] {escape(text)}")
    if found.command:
        console.print(f"\n[bold]Safe to begin with[/]\n  python -m ops {escape(found.command)}")
