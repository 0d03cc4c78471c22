"""Where a load balancer's requests may go, and which of them are under way."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ministack.services import alb

POLL_S = 0.02


@dataclass(frozen=True)
class Target:
    """One registered address of a target group."""

    group: str
    address: str
    port: int


class UnderWay:
    """How many requests each address is answering; read from any thread."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def begin(self, address: str) -> None:
        """Count a request in."""
        self._count[address] += 1

    def end(self, address: str) -> None:
        """Count a request out."""
        self._count[address] -= 1

    def wait(self, address: str, limit_s: float) -> None:
        """Wait until an address answers none; call it off the event loop."""
        deadline = time.monotonic() + limit_s
        while self._count[address] > 0 and time.monotonic() < deadline:
            time.sleep(POLL_S)


def targets_of(balancer: str) -> list[Target]:
    """Return the addresses behind a load balancer's listeners, as they are registered now."""
    found = []
    for listener in alb._listeners.values():
        if listener.get("LoadBalancerArn") == balancer:
            for group in _groups(listener):
                registered = alb._targets.get(group, [])
                found += [Target(group, t["Id"], int(t["Port"])) for t in registered]
    return found


def drain_seconds(group: str) -> float:
    """Return how long a target group lets requests end before a target is gone."""
    for attribute in alb._tg_attrs.get(group) or []:
        if attribute["Key"] == "deregistration_delay.timeout_seconds":
            return float(attribute["Value"])
    return 0.0


def groups_of(balancer: str) -> list[str]:
    """Return the target groups of a load balancer's listeners."""
    return list(
        dict.fromkeys(
            group
            for listener in alb._listeners.values()
            if listener.get("LoadBalancerArn") == balancer
            for group in _groups(listener)
        )
    )


def _groups(listener: dict[str, Any]) -> list[str]:
    names = []
    for action in listener.get("DefaultActions", []):
        if action.get("TargetGroupArn"):
            names.append(action["TargetGroupArn"])
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups", []):
            names.append(group["TargetGroupArn"])
    return list(dict.fromkeys(names))
