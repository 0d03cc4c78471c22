"""The API of Application Auto Scaling, and the timer that carries out what it is told."""

import asyncio
import copy
import time
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from local.emulator import gateway
from local.emulator.api import ApiError, operations
from local.emulator.extension import Api, Registry
from local.emulator.json_api import json_api
from local.emulator.pace import pace
from local.emulator.scaling import fleets
from local.emulator.scaling.engine import Engine
from local.emulator.timer import Timer

Parameters = dict[str, Any]
INTERVAL_S = 2.0
_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class Scaling:
    """One method for each operation."""

    def __init__(self) -> None:
        self._targets = AccountRegionScopedDict()
        self._policies = AccountRegionScopedDict()
        self._schedules = AccountRegionScopedDict()
        self._engine = Engine(self._targets, self._policies, self._schedules)

    def register_scalable_target(self, wanted: Parameters) -> Parameters:
        """Create or change a target, which must be there."""
        key = _key(wanted)
        fleets.count(wanted["ServiceNamespace"], wanted["ResourceId"])
        arn = _arn(f"scalable-target/{key.replace('|', '-')}")
        old = self._targets.get(key) or {"CreationTime": time.time()}
        self._targets[key] = {**old, **wanted, "ScalableTargetARN": arn}
        return {"ScalableTargetARN": arn}

    def deregister_scalable_target(self, wanted: Parameters) -> None:
        """Remove a target with its policies and schedules."""
        key = _key(wanted)
        if self._targets.pop(key, None) is None:
            raise ApiError("ObjectNotFoundException", f"no scalable target is registered for {key}")
        for store in (self._policies, self._schedules):
            for name in [name for name in store if name.startswith(f"{key}|")]:
                store.pop(name, None)

    def describe_scalable_targets(self, wanted: Parameters) -> Parameters:
        """List targets."""
        resources = wanted.get("ResourceIds")
        found = [
            target
            for target in self._targets.values()
            if target["ServiceNamespace"] == wanted["ServiceNamespace"]
            and (not resources or target["ResourceId"] in resources)
        ]
        return {"ScalableTargets": found}

    def put_scaling_policy(self, wanted: Parameters) -> Parameters:
        """Create or change a policy of a registered target."""
        key = self._registered(wanted)
        name = wanted["PolicyName"]
        arn = _arn(f"scalingPolicy:{key.replace('|', '/')}:policyName/{name}")
        self._policies[f"{key}|{name}"] = {
            "CreationTime": time.time(),
            "Alarms": [],
            **wanted,
            "PolicyARN": arn,
        }
        return {"PolicyARN": arn, "Alarms": []}

    def describe_scaling_policies(self, wanted: Parameters) -> Parameters:
        """List policies."""
        return {"ScalingPolicies": _of(self._policies, wanted)}

    def delete_scaling_policy(self, wanted: Parameters) -> None:
        """Remove a policy."""
        self._remove(self._policies, wanted, "PolicyName")

    def put_scheduled_action(self, wanted: Parameters) -> None:
        """Create or change a schedule of a registered target."""
        name = wanted["ScheduledActionName"]
        self._schedules[f"{self._registered(wanted)}|{name}"] = {
            "CreationTime": time.time(),
            **wanted,
            "ScheduledActionARN": _arn(f"scheduledAction/{name}"),
        }

    def describe_scheduled_actions(self, wanted: Parameters) -> Parameters:
        """List schedules."""
        return {"ScheduledActions": _of(self._schedules, wanted)}

    def delete_scheduled_action(self, wanted: Parameters) -> None:
        """Remove a schedule."""
        self._remove(self._schedules, wanted, "ScheduledActionName")

    def describe_scaling_activities(self, wanted: Parameters) -> Parameters:
        """List what was scaled, newest first."""
        found = [
            activity
            for activity in self._engine.activities
            if activity["ServiceNamespace"] == wanted["ServiceNamespace"]
            and wanted.get("ResourceId") in (None, activity["ResourceId"])
        ]
        return {"ScalingActivities": found}

    def list_tags_for_resource(self, _wanted: Parameters) -> Parameters:
        """Return the tags of a target: none are kept."""
        return {"Tags": {}}

    def _registered(self, wanted: Parameters) -> str:
        key = _key(wanted)
        if key not in self._targets:
            raise ApiError("ObjectNotFoundException", f"no scalable target is registered for {key}")
        return key

    def _remove(self, store: Any, wanted: Parameters, name: str) -> None:
        key = f"{_key(wanted)}|{wanted[name]}"
        if store.pop(key, None) is None:
            raise ApiError("ObjectNotFoundException", f"there is no {key}")


class ScalingService(Scaling):
    """Its life and state."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = Timer(INTERVAL_S * min(1.0, pace() * 5), self._tick)

    async def start(self) -> None:
        """Start to look at targets."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop looking."""
        await self._timer.stop()

    async def _tick(self) -> None:
        await asyncio.to_thread(self._engine.look)

    def save(self) -> Mapping[str, Any]:
        """Return everything."""
        return copy.deepcopy(
            {"targets": self._targets, "policies": self._policies, "schedules": self._schedules}
        )

    def load(self, state: Mapping[str, Any]) -> None:
        """Take back what was saved."""
        for name in ("targets", "policies", "schedules"):
            store = getattr(self, f"_{name}")
            store.clear()
            store.update(state.get(name, {}))


def register(registry: Registry) -> None:
    """Add Application Auto Scaling."""
    service = ScalingService()
    registry.add_api(
        Api(
            name="application-autoscaling",
            handler=json_api(operations(service)),
            service=service,
            target_prefix="AnyScaleFrontendService.",
        )
    )


def _key(wanted: Parameters) -> str:
    return "|".join(str(wanted[part]) for part in _TARGET)


def _arn(tail: str) -> str:
    region, account = gateway.region(), gateway.account()
    return f"arn:aws:application-autoscaling:{region}:{account}:{tail}"


def _of(store: Any, wanted: Parameters) -> list[Parameters]:
    return [
        entry
        for entry in store.values()
        if entry["ServiceNamespace"] == wanted["ServiceNamespace"]
        and wanted.get("ResourceId") in (None, entry["ResourceId"])
    ]
