"""What an alarm is answered with; pure.

Laws: a release is turned back by itself once, ever; never to one that was turned back; nothing is
done within the cool-down of the last answer; an alarm that nobody's release is to blame for only
tells people.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

NOTHING = "none"  # what a pointer says before anything was live
# The last words of an alarm's name. These speak of how a release serves:
SERVING = ("slow", "failing", "errors", "gpu-memory", "no-tasks")
DRIFTING = ("drifted", "quality")
TOLD = ("unpromised", *DRIFTING)

Action = Literal["rollback", "retrain", "rebaseline", "tell", "nothing"]


@dataclass(frozen=True)
class Alarm:
    """An alarm that began to ring.

    Attributes:
        name: `slipway-ENV-TARGET-KIND`.
        event: The id of the event that told of it: the same when AWS tells it twice.
        reason: CloudWatch's own words.
        description: The alarm's, with its runbook.
    """

    name: str
    event: str
    reason: str
    description: str

    def is_about(self, kinds: tuple[str, ...]) -> bool:
        """Say whether the alarm is of one of these kinds."""
        return any(self.name.endswith(f"-{kind}") for kind in kinds)

    @property
    def wakes(self) -> bool:
        """Say whether it is the environment's one page; those of its parts are read by it alone."""
        return re.fullmatch(r"slipway-[a-z0-9]+-page", self.name) is not None


@dataclass(frozen=True)
class Policy:
    """What the environment lets happen by itself; times in minutes."""

    rollback: bool
    retrain: bool
    rebaseline: bool
    blame_minutes: int
    cooldown_minutes: int


@dataclass(frozen=True)
class Rolling:
    """An execution that is in the environment's stage now, and the release that it brings."""

    execution: str
    release: str
    is_rollback: bool


@dataclass(frozen=True)
class Facts:
    """What is so while the alarm rings.

    Attributes:
        live: The release that the pointer names.
        previous: The one before it.
        live_seconds: For how long the pointer has named it.
        rolling: What is being rolled out.
        answers: Seconds since each cause was answered.
    """

    live: str
    previous: str
    live_seconds: float
    rolling: Rolling | None
    answers: Mapping[str, float]


@dataclass(frozen=True)
class Decision:
    """What is done, why, and under which cause it is done once.

    Attributes:
        action: What.
        why: One sentence for people.
        cause: The name under which it is done at most once; empty where it may be repeated.
        blamed: The release that is turned back.
        target: The release that is gone back to.
    """

    action: Action
    why: str
    cause: str = ""
    blamed: str = ""
    target: str = ""


INFORMS = Decision("nothing", "this kind of alarm informs, and no more")


def parse(event: Mapping[str, Any]) -> Alarm:
    """Read a `CloudWatch Alarm State Change` event."""
    detail = event["detail"]
    return Alarm(
        str(detail["alarmName"]),
        str(event["id"]),
        str(detail["state"].get("reason", "")),
        str(detail.get("configuration", {}).get("description", "")),
    )


def decide(alarm: Alarm, facts: Facts, policy: Policy) -> Decision:
    """Return what an alarm is answered with."""
    if facts.live == NOTHING and facts.rolling is None:
        return Decision("nothing", "no release is live: there is nothing to watch over yet")
    if alarm.is_about(SERVING):
        return _turn_back(facts, policy)
    if alarm.is_about(DRIFTING) and (policy.retrain or policy.rebaseline):
        action: Action = "retrain" if policy.retrain else "rebaseline"
        cause = f"{action}-{alarm.name}-{facts.live}"
        return _once(Decision(action, "the environment asks for it", cause), facts, policy, "tell")
    if alarm.is_about(TOLD) or alarm.wakes:
        return Decision("tell", "a person decides")
    return INFORMS


def _turn_back(facts: Facts, policy: Policy) -> Decision:
    if not policy.rollback:
        return Decision("nothing", "answers.rollback is off here")
    if facts.rolling is not None and facts.rolling.is_rollback:
        return Decision("nothing", "a rollback is under way already")
    blamed = facts.rolling.release if facts.rolling else facts.live
    target = facts.live if blamed != facts.live else facts.previous
    if facts.rolling is None and facts.live_seconds > 60 * policy.blame_minutes:
        minutes = facts.live_seconds / 60
        return Decision("nothing", f"the release is live for {minutes:.0f} minutes: not to blame")
    if NOTHING in (blamed, target) or blamed == target:
        return Decision("nothing", "no release was live before this one")
    if turned_back(target) in facts.answers:
        return Decision("nothing", f"release {target[:12]} was turned back itself")
    return _once(
        Decision("rollback", "it came with this release", turned_back(blamed), blamed, target),
        facts,
        policy,
    )


def turned_back(release: str) -> str:
    """Return the cause under which a release is turned back."""
    return f"rollback-{release}"


def _once(wanted: Decision, facts: Facts, policy: Policy, other: Action = "nothing") -> Decision:
    """Return the decision, unless its cause was answered or the last answer is too fresh."""
    if wanted.cause in facts.answers:
        return Decision(other, "answered already, once is enough")
    latest = min(facts.answers.values(), default=float("inf"))
    if latest < 60 * policy.cooldown_minutes:
        return Decision(other, f"the last answer is {latest / 60:.0f} minutes old: cooling down")
    return wanted
