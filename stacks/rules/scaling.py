"""Rules on what scales endpoints and services."""

from collections.abc import Iterator

from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template


@rule(
    why="no linter compares the two, and the service refuses the target when the stack is deployed",
    instead="put MinCapacity at or below MaxCapacity",
    source="RegisterScalableTarget in the API reference",
)
def scaling_bounds(template: Template) -> Iterator[Finding]:
    """A minimum above its maximum, at any hour."""
    for target in template.of("ApplicationAutoScaling::ScalableTarget"):
        low, high = target.get("MinCapacity"), target.get("MaxCapacity")
        pairs = [("MinCapacity", low, high)]
        for action in target.items("ScheduledActions"):
            bounds = action.get("ScalableTargetAction", {})
            least, most = bounds.get("MinCapacity", low), bounds.get("MaxCapacity", high)
            pairs.append(("ScheduledActions", least, most))
        for at, least, most in pairs:
            if isinstance(least, int) and isinstance(most, int) and least > most:
                yield Finding(target, at, f"the minimum {least} lies above the maximum {most}")


@rule(
    why="a per-model concurrency metric follows one model where several share the machine, and"
    " scales on a share of the load",
    instead="track SageMakerVariantInvocationsPerInstance",
    source="SageMaker developer guide: multi-model-endpoints-autoscaling",
)
def scaling_per_model(template: Template) -> Iterator[Finding]:
    """Target tracking on the concurrency of single models."""
    path = "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification"
    for policy in template.of("ApplicationAutoScaling::ScalingPolicy"):
        kind = policy.get(f"{path}.PredefinedMetricType", "")
        if kind.startswith("SageMakerVariantConcurrentRequestsPerModel"):
            yield Finding(policy, f"{path}.PredefinedMetricType", f"the policy tracks {kind}")
