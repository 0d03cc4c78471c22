"""How traffic moves to a new fleet: in steps, watched by alarms that turn it back."""

from collections.abc import Iterator
from dataclasses import dataclass

from local.endpoints.control.shapes import Json


@dataclass(frozen=True)
class Rollout:
    """A `DeploymentConfig` in the words of time and traffic.

    Attributes:
        step: Part of the traffic that moves with each step; 1 moves all at once.
        linear: Whether further steps follow the first one; otherwise the second step is all.
        wait_seconds: How long each step but the last is watched.
        bake_seconds: How long the old fleet is kept once it has no traffic.
        alarms: Names of the alarms that turn the rollout back.
    """

    step: float = 1.0
    linear: bool = False
    wait_seconds: float = 0.0
    bake_seconds: float = 0.0
    alarms: tuple[str, ...] = ()

    def phases(self) -> Iterator[tuple[float, float]]:
        """Yield the new fleet's share of traffic and for how long it is watched, step by step."""
        share = self.step
        while round(share, 6) < 1:
            yield share, self.wait_seconds
            share = share + self.step if self.linear else 1.0
        yield 1.0, self.bake_seconds


def rollout_of(config: Json, scale: float) -> Rollout:
    """Return the rollout that a `DeploymentConfig` asks for; an empty one moves all at once.

    Args:
        config: The document.
        scale: What a second of the document lasts here.
    """
    policy = config.get("BlueGreenUpdatePolicy", {})
    routing = policy.get("TrafficRoutingConfiguration", {})
    linear = routing.get("Type") == "LINEAR"
    size = routing.get("LinearStepSize" if linear else "CanarySize", {})
    percent = size.get("Value", 100) if size.get("Type") == "CAPACITY_PERCENT" else 50
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    return Rollout(
        step=percent / 100 if routing.get("Type", "ALL_AT_ONCE") != "ALL_AT_ONCE" else 1.0,
        linear=linear,
        wait_seconds=routing.get("WaitIntervalInSeconds", 0) * scale,
        bake_seconds=policy.get("TerminationWaitInSeconds", 0) * scale,
        alarms=tuple(alarm["AlarmName"] for alarm in alarms),
    )
