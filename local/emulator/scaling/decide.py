"""What a policy wants a fleet's size to be; pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

CALM = 0.9  # of the target: below it, for a while, machines are too many


def tracked(current: int, values: Sequence[float | None], target: float) -> int | None:
    """Return the size that target tracking wants; None for no change.

    Args:
        current: The size now.
        values: The metric of the last periods, newest first; None where there is no data.
        target: What it shall be near.
    """
    newest = values[0]
    if newest is not None and newest > target:
        return math.ceil(round(current * newest / target, 6))
    known = [value for value in values if value is not None]
    if len(known) == len(values) and max(known) < CALM * target:  # silence proves no calm
        return max(1, math.ceil(round(current * max(known) / target, 6)))
    return None


def stepped(current: int, over: float, policy: Mapping[str, Any]) -> int | None:
    """Return the size that a step scaling policy wants; None where no step applies.

    Args:
        current: The size now.
        over: By how much the metric is above its alarm's threshold.
        policy: A `StepScalingPolicyConfiguration`.
    """
    for step in policy["StepAdjustments"]:
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if low <= over < high:
            return _adjusted(current, step["ScalingAdjustment"], policy)
    return None


def _adjusted(current: int, by: float, policy: Mapping[str, Any]) -> int:
    kind = policy.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return int(by)
    if kind == "ChangeInCapacity":
        return current + int(by)
    change = current * by / 100
    whole = math.floor(change) if change > 0 else math.ceil(change)
    least = int(policy.get("MinAdjustmentMagnitude", 1))
    if abs(whole) < least:
        whole = least if by > 0 else -least
    return current + whole


def agreed(current: int, wishes: Sequence[int | None], low: int, high: int) -> int:
    """Return the size that several policies lead to: the largest wish; less only if all agree.

    Args:
        current: The size now.
        wishes: What each policy wants; None for no change.
        low: The least it may be.
        high: The most.
    """
    wanted = current
    growing = [wish for wish in wishes if wish is not None and wish > current]
    shrinking = [wish for wish in wishes if wish is not None and wish < current]
    if growing:
        wanted = max(growing)
    elif shrinking and len(shrinking) == len(wishes):
        wanted = max(shrinking)
    return min(max(wanted, low), high)
