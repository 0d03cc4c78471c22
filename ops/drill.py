"""`ops drill`: lets an alarm ring on purpose, and says who noticed.

CloudWatch is told that the alarm rings; with its next look it is quiet again by itself. Until then
all happens that would happen at night: those informed are told, composites page, answers answer.
(`make drill` breaks real things, on the local cloud.)
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ops import audit, change
from ops.account import Account
from ops.alarms.alarm import Alarm
from ops.alarms.cli import read
from ops.change import Change, NotConfirmed
from ops.say import examples

PATIENCE_S = 180.0
POLL_S = 2.0
EXAMPLES = {
    "drill --environment prod --alarm slipway-prod-search-slow --dry-run": "whom it would reach",
    "drill --environment prod --alarm slipway-prod-search-slow --yes": "do it",
}


class NoSuchAlarm(Exception):
    """There is no alarm of that name, or it rings in earnest."""


EXPECTED = (NotConfirmed, NoSuchAlarm)


@dataclass(frozen=True)
class Event:
    """Something that happened, and when, in UTC."""

    at: datetime
    what: str


Look = Callable[[], list[Event]]


def reaches(alarm: Alarm, near: list[Alarm]) -> list[str]:
    """Return the composites that an alarm is part of, through composites in between."""
    found: list[str] = []
    waiting = [alarm.name]
    while waiting:
        name = waiting.pop()
        above = [other.name for other in near if name in other.parts and other.name not in found]
        found += above
        waiting += above
    return found


def watch(name: str, look: Look, say: Callable[[str], None], poll_s: float = POLL_S) -> str:
    """Tell what follows until an alarm is quiet again; return it in a sentence.

    Args:
        name: The alarm.
        look: Returns what has happened since the drill began, in order.
        say: Prints a line.
        poll_s: Seconds between two looks.
    """
    began, told = time.monotonic(), 0
    while time.monotonic() - began < PATIENCE_S:
        events = look()
        for event in events[told:]:
            say(f"{event.at:%H:%M:%S} UTC  {event.what}")
        told = max(told, len(events))
        if any(event.what == f"{name}: from ALARM to OK" for event in events):
            others = {event.what.split(":")[0] for event in events} - {name}
            return f"{name} rang and is quiet again; also heard of: {', '.join(sorted(others))}"
        time.sleep(poll_s)
    return f"{name} is not quiet after {PATIENCE_S:.0f} s"


def transitions(client: Any, names: Sequence[str], since: datetime) -> list[Event]:
    """Return the changes of state of alarms since a moment, from their history."""
    found = []
    for name in names:
        answer = client.describe_alarm_history(
            AlarmName=name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=since,
        )
        # newest first; two changes of one second keep their order
        for item in reversed(answer["AlarmHistoryItems"]):
            words = item["HistorySummary"].removeprefix("Alarm updated ")
            found.append(Event(item["Timestamp"].astimezone(UTC), f"{name}: {words}"))
    return sorted(found, key=lambda event: event.at)


def _answers(account: Account, environment: str, since: datetime) -> list[Event]:
    changes = audit.read(account, environment)
    found = [(datetime.fromisoformat(f"{item.at}+00:00"), item) for item in changes]
    return [
        Event(at, f"{item.who}: {item.action} ({item.reason})")
        for at, item in found
        if at >= since and item.action != "drill"
    ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    change.add_arguments(parser)
    parser.add_argument("--alarm", required=True, help="which one is to ring")


def run(arguments: argparse.Namespace) -> int:
    """Drill."""
    account, environment, name = Account(), arguments.environment, arguments.alarm
    near = read(account, environment)
    found = [alarm for alarm in near if alarm.name == name and not alarm.composite]
    if not found:
        raise NoSuchAlarm(f"{environment} has no metric alarm {name!r}: see `ops alarms --all`")
    if found[0].state == "ALARM":
        raise NoSuchAlarm(f"{name} rings in earnest: `ops explain {name}`")
    above = ", ".join(reaches(found[0], near)) or "no composite"
    began = datetime.now(UTC).replace(microsecond=0)
    names = [name, *reaches(found[0], near)]

    def look() -> list[Event]:
        events = transitions(account.client("cloudwatch", environment), names, began)
        return sorted([*events, *_answers(account, environment, began)], key=lambda e: e.at)

    def do() -> str:
        account.acting(environment, "cloudwatch").set_alarm_state(
            AlarmName=name, StateValue="ALARM", StateReason=f"drill: {arguments.reason}"
        )
        return watch(name, look, change.teller(arguments))

    wish = Change(
        "drill",
        environment,
        arguments.reason,
        f"{name} rings for a moment, severity {found[0].severity}; above it: {above}",
        {name: found[0].state},
        {name: "ALARM"},
    )
    return change.carry_out(account, wish, arguments, do)
