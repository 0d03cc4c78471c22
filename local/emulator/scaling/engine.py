"""Looks at every scalable target on a timer: schedules, bounds, policies, cooldowns."""

import datetime
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, eventbridge

from local.emulator.alarms.evaluation import datapoints
from local.emulator.alarms.service import series
from local.emulator.api import ApiError
from local.emulator.pace import pace
from local.emulator.scaling import decide, fleets
from local.emulator.scaling.load import watched

LOGGER = logging.getLogger("slipway.scaling")
CALM_PERIODS = 3  # AWS waits for 15
ACTIVITIES = 200
DEFAULT_COOLDOWN_S = 300
Json = dict[str, Any]


class Engine:
    """Scales what the records of the service say.

    Attributes:
        activities: What was done, newest first.
    """

    def __init__(self, targets: Any, policies: Any, schedules: Any) -> None:
        self._targets, self._policies, self._schedules = targets, policies, schedules
        self._scaled: dict[tuple[str, str, str], tuple[float, int]] = {}
        self._looked = time.time()
        self.activities: list[Json] = []

    def look(self) -> None:
        """Carry out what is due, for every target in its own account and region."""
        before, self._looked = self._looked, time.time()
        for (account, region, key), target in list(self._targets._data.items()):
            with request_scope(account, region):
                try:
                    self._follow_schedules(key, target, before, self._looked)
                    self._scale((account, region, key), target)
                except Exception:
                    LOGGER.exception("cannot scale %s", target["ResourceId"])

    def _follow_schedules(self, key: str, target: Json, before: float, now: float) -> None:
        for action in _of(self._schedules, key):
            if is_due(action["Schedule"], before, now):
                target.update(action.get("ScalableTargetAction", {}))
                LOGGER.info("%s: %s", target["ResourceId"], action["ScheduledActionName"])

    def _scale(self, key: tuple[str, str, str], target: Json) -> None:
        namespace, resource = target["ServiceNamespace"], target["ResourceId"]
        try:
            current = fleets.count(namespace, resource)
        except ApiError:
            return  # it is gone, or not yet there
        if current is None:
            return
        policies = list(_of(self._policies, key[2]))
        wishes = [
            wish
            for policy in policies
            for wish in [self._wish(policy, current)]
            # a step policy that does not ring has no say; tracking that sees no calm has one
            if wish is not None or "TargetTrackingScalingPolicyConfiguration" in policy
        ]
        low, high = int(target["MinCapacity"]), int(target["MaxCapacity"])
        wanted = decide.agreed(current, wishes, low, high)
        forced = not low <= current <= high
        if wanted == current or (not forced and self._cools(key, wanted > current, policies)):
            return
        fleets.set_count(namespace, resource, wanted)
        self._scaled[key] = (time.monotonic(), 1 if wanted > current else -1)
        self._note(target, current, wanted)

    def _wish(self, policy: Json, current: int) -> int | None:
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        if tracking:
            alarm = {**watched(policy), "EvaluationPeriods": CALM_PERIODS}
            values, _ = datapoints(alarm, series)
            summed = alarm.get("Statistic") == "Sum"
            shown = [_per_minute(value) if summed else value for value in values]
            return decide.tracked(current, shown, float(tracking["TargetValue"]))
        for alarm in list(cloudwatch._alarms.values()):
            rings = alarm["StateValue"] == "ALARM" and alarm.get("ActionsEnabled", True)
            if rings and policy["PolicyARN"] in (alarm.get("AlarmActions") or ()):
                value = datapoints(alarm, series)[0][0]
                if value is not None:
                    over = value - float(alarm["Threshold"])
                    return decide.stepped(current, over, policy["StepScalingPolicyConfiguration"])
        return None

    def _cools(self, key: tuple[str, str, str], out: bool, policies: list[Json]) -> bool:
        scaled, _way = self._scaled.get(key, (0.0, 0))
        seconds = max(cooldown(policy, out) for policy in policies)
        return time.monotonic() - scaled < seconds * pace()

    def _note(self, target: Json, old: int, new: int) -> None:
        now = time.time()
        named = {
            name: target[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")
        }
        self.activities.insert(
            0,
            {
                **named,
                "ActivityId": str(uuid.uuid4()),
                "Description": f"Setting desired count to {new}.",
                "Cause": f"Policies, schedules or bounds changed the count from {old} to {new}.",
                "StartTime": now,
                "EndTime": now,
                "StatusCode": "Successful",
            },
        )
        del self.activities[ACTIVITIES:]
        LOGGER.info("%s: %d -> %d", target["ResourceId"], old, new)


def cooldown(policy: Mapping[str, Any], out: bool) -> float:
    """Return for how long after a scaling a policy rests, in seconds."""
    steps = policy.get("StepScalingPolicyConfiguration")
    if steps:
        return float(steps.get("Cooldown", DEFAULT_COOLDOWN_S))
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    return float(tracking.get("ScaleOutCooldown" if out else "ScaleInCooldown", DEFAULT_COOLDOWN_S))


def is_due(schedule: str, before: float, now: float) -> bool:
    """Say whether a `cron(...)` schedule has a time after `before` up to `now` (epoch, UTC)."""
    fields = eventbridge._parse_cron_fields(schedule)
    if fields is None:
        return False
    start = datetime.datetime.fromtimestamp(before, datetime.UTC)
    fires = eventbridge._cron_next_fire(fields, start)
    return fires is not None and fires.timestamp() <= now


def _per_minute(value: float | None) -> float | None:
    """Return a sum over a period of the local pace as if it were over a minute."""
    return None if value is None else value / pace()


def _of(store: Any, key: str) -> list[Json]:
    return [entry for name, entry in store.items() if name.startswith(f"{key}|")]
