"""Rules on what scales endpoints and services."""

from collections.abc import Iterator

from stacks.rules.alarms import watched
from stacks.rules.machines import fleets, fleets_of
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


@rule(
    why="nothing ever sets the usual bounds again, so that the fleet stays as small as that night"
    " left it",
    instead="add a scheduled action that sets MinCapacity and MaxCapacity back",
    source="Application Auto Scaling user guide: scheduled scaling",
)
def scaling_one_way(template: Template) -> Iterator[Finding]:
    """Scheduled bounds that no other action takes back."""
    for target in template.of("ApplicationAutoScaling::ScalableTarget"):
        usual = (target.get("MinCapacity"), target.get("MaxCapacity"))
        set_by_actions = {
            (bounds.get("MinCapacity", usual[0]), bounds.get("MaxCapacity", usual[1]))
            for action in target.items("ScheduledActions")
            for bounds in [action.get("ScalableTargetAction", {})]
        }
        if set_by_actions and usual not in set_by_actions:
            found = f"scheduled actions leave the usual bounds {usual[0]} to {usual[1]}"
            yield Finding(target, "ScheduledActions", found)


@rule(
    why="ManagedInstanceScaling acts on inference components alone, and a variant with a model of"
    " its own keeps its first count",
    instead="use a ScalableTarget of Application Auto Scaling",
    source="a user's finding: aws-samples/sagemaker-genai-hosting-examples, pull request 47",
)
def managed_scaling(template: Template) -> Iterator[Finding]:
    """ManagedInstanceScaling on a variant that has a model."""
    for fleet in fleets(template):
        given = fleet.variant.get("ManagedInstanceScaling", {})
        if given.get("Status") == "ENABLED" and fleet.variant.get("ModelName"):
            at = "ProductionVariants.ManagedInstanceScaling"
            yield Finding(fleet.config, at, f"variant {fleet.name} has a model and managed scaling")


@rule(
    why="only asynchronous endpoints have a backlog, and for others the policy never has data",
    instead="track SageMakerVariantInvocationsPerInstance",
    source="SageMaker developer guide: async-inference-autoscale",
)
def backlog_metric(template: Template) -> Iterator[Finding]:
    """An alarm or a policy on the backlog of an endpoint that has none."""
    for item in watched(template):
        name = item.dimensions.get("EndpointName", "")
        found = fleets_of(template, name)
        waits = any(fleet.config.get("AsyncInferenceConfig") for fleet in found)
        if item.name.startswith("ApproximateBacklogSize") and found and not waits:
            yield Finding(item.resource, "MetricName", f"{item.name} of {name} is read")
