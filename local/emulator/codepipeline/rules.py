"""The rules of stage conditions: what each looks at, and when it holds."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.codepipeline.conditions import Condition, Rule
from local.emulator.codepipeline.variables import UnresolvedVariable, resolve

POLL_S = 0.5


@dataclass(frozen=True)
class Look:
    """How rules look at the world.

    Attributes:
        client: Returns a client of a service under a role; None is the pipeline's own.
        variables: The variables given so far: namespace -> name -> value.
        stopped: Says whether the execution was stopped.
    """

    client: Callable[[str, str | None], Any]
    variables: Mapping[str, Mapping[str, str]]
    stopped: Callable[[], bool]


@dataclass(frozen=True)
class Verdict:
    """Whether a rule holds, and why."""

    rule: str
    holds: bool
    summary: str


def check(condition: Condition, look: Look) -> list[Verdict]:
    """Return the verdict on every rule of a condition, which holds if all do."""
    return [_check(rule, look) for rule in condition.rules]


def _check(rule: Rule, look: Look) -> Verdict:
    try:
        configuration = resolve(rule.configuration, look.variables)
        holds, summary = _PROVIDERS[rule.provider](configuration, rule, look)
    except (ClientError, UnresolvedVariable) as error:
        holds, summary = False, str(error)
    return Verdict(rule.name, holds, summary)


def _alarm(wanted: Mapping[str, str], rule: Rule, look: Look) -> tuple[bool, str]:
    """Hold unless the alarm is in a watched state; wait for it to leave that state, if told to.

    As CodePipeline describes it: an alarm that is quiet at the first look ends the rule at once,
    and one that rings has WaitTime minutes to become quiet.
    """
    name = wanted["AlarmName"]
    watched = [item.strip() for item in wanted.get("AlarmStates", "ALARM").split(",")]
    deadline = time.monotonic() + 60 * float(wanted.get("WaitTime") or 0)
    cloudwatch = look.client("cloudwatch", rule.role)
    while True:
        # without `AlarmTypes`, which leaves composite alarms out
        found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        if not found:
            return False, f"there is no metric alarm {name}"
        state = str(found[0]["StateValue"])
        if state not in watched:
            return True, f"{name} is {state}"
        if time.monotonic() > deadline or look.stopped():
            return False, f"{name} is {state}: {found[0].get('StateReason', '')}"
        time.sleep(POLL_S)


def _variable(wanted: Mapping[str, str], _rule: Rule, _look: Look) -> tuple[bool, str]:
    value, other, operator = wanted["Variable"], wanted["Value"], wanted["Operator"]
    holds = _OPERATORS[operator](value, other)
    return holds, f"{value!r} {operator} {other!r} is {str(holds).lower()}"


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "EQ": lambda value, other: value == other,
    "NE": lambda value, other: value != other,
    "CONTAINS": lambda value, other: other in value,
    "MATCHES": lambda value, other: re.fullmatch(other, value) is not None,
}
_PROVIDERS = {"CloudWatchAlarm": _alarm, "VariableCheck": _variable}
