"""`ops drill`: lets an alarm ring on purpose, and says who noticed.

CloudWatch is told that the alarm rings; with its next look it is quiet again by itself. Until then
all happens that would happen at night: those informed are told, composites page, answers answer.
(`make drill` breaks real things, on the local cloud.)
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

from ops import audit, change
from ops.account import Account
from ops.alarms.alarm import Alarm
from ops.alarms.cli import read
from ops.change import Change, NotConfirmed
from ops.say import examples
from ops.visit import NoWayIn

PATIENCE_S = 180.0
POLL_S = 2.0
EXAMPLES = {
    "drill --environment prod --alarm slipway-prod-search-slow --dry-run": "whom it would reach",
    "drill --environment prod --alarm slipway-prod-search-slow --yes": "do it",
}


class NoSuchAlarm(Exception):
    """There is no alarm of that name, or it rings in earnest."""


EXPECTED = (NotConfirmed, NoSuchAlarm)
Look = Callable[[], tuple[list[Alarm], list[str]]]
"""Returns the environment's alarms, and what was answered since the drill began."""


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
    """Tell what follows until an alarm is quiet again; return it in a sentence."""
    began, told = time.monotonic(), set()
    rang = False
    while time.monotonic() - began < PATIENCE_S:
        alarms, answers = look()
        ringing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
        for event in [*(f"{other} rings" for other in ringing), *answers]:
            if event not in told:
                told.add(event)
                say(f"{time.monotonic() - began:6.1f} s  {event}")
        rang = rang or name in ringing
        if rang and name not in ringing:
            others = len({event for event in told if event.endswith(" rings")}) - 1
            return f"{name} rang and is quiet again; {others} others rang, {len(answers)} answers"
        time.sleep(poll_s)
    return f"{name} {'rings still' if rang else 'did not ring'} after {PATIENCE_S:.0f} s"


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
    began = datetime.now(UTC)

    def look() -> tuple[list[Alarm], list[str]]:
        try:
            changes = audit.read(account, environment)
        except NoWayIn:
            changes = []
        since = [c for c in changes if c.at >= f"{began:%Y-%m-%d %H:%M:%S}"]
        answers = [f"{c.who}: {c.action} ({c.reason})" for c in since if c.action != "drill"]
        return read(account, environment), answers

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
