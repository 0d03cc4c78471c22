"""What probably made an alarm ring; pure. The nearest change before it is the first suspect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.audit import Record
from ops.alarms.alarm import Alarm
from ops.promotions import Promotion
from ops.say import ago

SUSPECT = timedelta(minutes=30)
"""How long before an alarm a change is still a suspect."""


@dataclass(frozen=True)
class Known:
    """What is known of an environment around an alarm.

    Attributes:
        environment: Its name.
        promotions: Of releases, newest first.
        changes: By operators and answers, newest first.
        ringing: The environment's other alarms in ALARM.
    """

    environment: str
    promotions: Sequence[Promotion] = ()
    changes: Sequence[Record] = ()
    ringing: Sequence[Alarm] = ()


@dataclass(frozen=True)
class Cause:
    """A suspicion in a sentence, and the command that acts on it, where it is not the runbook's."""

    sentence: str
    command: str = ""


def likely_cause(alarm: Alarm, known: Known) -> Cause:
    """Return the likeliest cause of an alarm's state."""
    if alarm.state != "ALARM":
        return Cause(f"It does not ring: {alarm.why or 'no reason given'}")
    parts = sorted(_ringing_parts(alarm, known), key=lambda part: part.since)
    if parts:
        first = parts[0]
        return Cause(
            f"{len(parts)} of its parts ring; {first.name} was first: {first.summary}",
            f"explain {first.name}",
        )
    for promotion in known.promotions:
        if promotion.began <= alarm.since and alarm.since - promotion.ended < SUSPECT:
            return _release(promotion, alarm.since)
    for change in known.changes:
        at = datetime.fromisoformat(f"{change.at}+00:00")
        if at <= alarm.since < at + SUSPECT:
            return Cause(
                f"{change.who} did a {change.action} {ago(at, alarm.since)} before it rang"
                f" ({change.reason})"
            )
    sooner = [other for other in known.ringing if _sooner(other, alarm)]
    if sooner:
        first = min(sooner, key=lambda other: other.since)
        return Cause(
            f"{first.name} rang {ago(first.since, alarm.since)} sooner: begin there."
            f" {first.summary}",
            f"explain {first.name}",
        )
    return Cause(
        f"No release, operator or other alarm changed anything in the {SUSPECT.seconds // 60}"
        " minutes before: look at who calls, what they send, and the machines"
    )


def _ringing_parts(alarm: Alarm, known: Known) -> list[Alarm]:
    """Return the metric alarms that make a composite ring, through composites in between."""
    found: list[Alarm] = []
    waiting = [alarm]
    while waiting:
        parts = waiting.pop().parts
        for other in known.ringing:
            if other.name in parts:
                (waiting if other.composite else found).append(other)
    return found


def _release(promotion: Promotion, rang: datetime) -> Cause:
    release = f"release {promotion.release[:12]}" if promotion.release else "a release"
    environment = promotion.environment
    if promotion.moved is None and promotion.status == "InProgress":
        return Cause(
            f"{release} is being rolled out since {ago(promotion.began, rang)} before it rang; the"
            " rollout watches its own alarms and turns back by itself",
            f"status --environment {environment}",
        )
    if promotion.moved is None:
        return Cause(
            f"{release} began {ago(promotion.began, rang)} before it rang and did not come"
            f" through ({promotion.status}): what served before should serve",
            f"status --environment {environment}",
        )
    if promotion.moved > rang:
        words = f"{release} was being rolled out when it rang, and is live since"
    else:
        words = f"{release} went live {ago(promotion.moved, rang)} before it rang"
    return Cause(words, f"rollback --environment {environment} --dry-run")


def _sooner(other: Alarm, alarm: Alarm) -> bool:
    related = other.name not in alarm.parts and alarm.name not in other.parts
    return related and timedelta(0) < alarm.since - other.since < SUSPECT
