"""Rules on how an endpoint's traffic moves: guardrails, their sizes, waits and alarms."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from stacks.rules.machines import Fleet, family, fleets
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Resource, Template, text

ROUTING = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
GUIDE = "SageMaker developer guide: deployment-guardrails"
MOST_ALARMS = 10


@rule(
    why="SageMaker excludes Inf1 from guardrails and goes all-at-once without baking, so that no"
    " alarm ever turns the release back",
    instead="remove DeploymentConfig and let the state machine move the weights of the variants"
    " blue and green",
    source=f"{GUIDE}-exclusions",
)
def inf1_guardrails(template: Template) -> Iterator[Finding]:
    """Deployment guardrails on an endpoint on Inf1."""
    for fleet in fleets(template):
        if (
            fleet.endpoint
            and family(fleet.instance) == "inf1"
            and fleet.endpoint.get("DeploymentConfig")
        ):
            yield Finding(
                fleet.endpoint,
                "DeploymentConfig",
                f"variant {fleet.name} is on {fleet.instance} and the endpoint has guardrails",
            )


@rule(
    why="rolling updates exclude endpoints of several variants, which get blue/green all-at-once",
    instead="use a BlueGreenUpdatePolicy, or one variant",
    source=f"{GUIDE}-exclusions",
)
def rolling_variants(template: Template) -> Iterator[Finding]:
    """A rolling update of an endpoint with several variants."""
    for endpoint in template.of("SageMaker::Endpoint"):
        own = [fleet for fleet in fleets(template) if fleet.endpoint is endpoint]
        if endpoint.get("DeploymentConfig.RollingUpdatePolicy") and len(own) > 1:
            yield Finding(
                endpoint,
                "DeploymentConfig.RollingUpdatePolicy",
                f"the endpoint has {len(own)} variants and a rolling update",
            )


@rule(
    why="SageMaker takes a canary of at most 50 %, linear steps of 10 to 50 % and rolling batches"
    " of 5 to 50 %, and says so only when the endpoint is updated",
    instead="choose a size within these bounds",
    source="AutoRollbackConfig, TrafficRoutingConfig and RollingUpdatePolicy in the API reference",
)
def step_size(template: Template) -> Iterator[Finding]:
    """A canary over 50 %, a linear step outside 10 to 50 %, a rolling batch outside 5 to 50 %."""
    bounds = (
        (f"{ROUTING}.CanarySize", 1, 50),
        (f"{ROUTING}.LinearStepSize", 10, 50),
        ("DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize", 5, 50),
    )
    for endpoint in template.of("SageMaker::Endpoint"):
        for path, low, high in bounds:
            size = endpoint.get(path, {})
            value = size.get("Value")
            percent = size.get("Type") == "CAPACITY_PERCENT"
            if percent and isinstance(value, int | float) and not low <= value <= high:
                yield Finding(endpoint, path, f"{path.split('.')[-1]} is {value:g} %")


@rule(
    why="a share of one instance is that instance, so that the first step already is the whole"
    " fleet",
    instead="start and scale with two instances or more, or use ALL_AT_ONCE",
    source=f"{GUIDE}-blue-green-canary",
)
def too_few_to_split(template: Template) -> Iterator[Finding]:
    """A canary, linear or rolling rollout of fewer than two instances."""
    for fleet in fleets(template):
        serverless = not fleet.instance
        if fleet.endpoint is None or serverless or not _is_gradual(fleet.endpoint):
            continue
        fewest = min([fleet.count, *_minima(template, fleet)], key=_number)
        if _number(fewest) < 2:
            yield Finding(
                fleet.endpoint,
                "DeploymentConfig",
                f"variant {fleet.name} may have {fewest} instance and moves traffic in steps",
            )


@rule(
    why="SageMaker wants a time-out above the sum of the waits; the check comes when the first"
    " update runs, not when the stack is made",
    instead="raise MaximumExecutionTimeoutInSeconds above the waits plus the time to start a fleet",
    source=f"{GUIDE}; BlueGreenUpdatePolicy in the API reference",
)
def rollout_timeout(template: Template) -> Iterator[Finding]:
    """A rollout whose time-out does not lie above the sum of its waits."""
    for endpoint in template.of("SageMaker::Endpoint"):
        for name in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy"):
            policy = endpoint.get(f"DeploymentConfig.{name}", {})
            limit, waits = policy.get("MaximumExecutionTimeoutInSeconds"), _waits(policy)
            if limit is not None and _number(limit) <= waits:
                yield Finding(
                    endpoint,
                    f"DeploymentConfig.{name}.MaximumExecutionTimeoutInSeconds",
                    f"the rollout waits {waits:g} s and must end within {limit} s",
                )


@rule(
    why="a rollout in steps without alarms bakes and then goes on whatever happens",
    instead="list the endpoint's alarms in AutoRollbackConfiguration.Alarms",
    source=f"{GUIDE}-configuration",
)
def rollout_without_alarms(template: Template) -> Iterator[Finding]:
    """A rollout in steps that no alarm can turn back."""
    for endpoint in template.of("SageMaker::Endpoint"):
        if _is_gradual(endpoint) and not _alarms(endpoint):
            yield Finding(endpoint, "DeploymentConfig", "traffic moves in steps without an alarm")


@rule(
    why=f"SageMaker takes {MOST_ALARMS} alarms and refuses the update that brings more",
    instead="put several conditions into one composite alarm",
    source="AutoRollbackConfig in the API reference",
)
def too_many_rollback_alarms(template: Template) -> Iterator[Finding]:
    """More than ten rollback alarms."""
    for endpoint in template.of("SageMaker::Endpoint"):
        if len(_alarms(endpoint)) > MOST_ALARMS:
            yield Finding(
                endpoint,
                "DeploymentConfig.AutoRollbackConfiguration.Alarms",
                f"the endpoint has {len(_alarms(endpoint))} rollback alarms",
            )


@rule(
    why="an alarm that does not exist when the update starts fails it, and the stack itself would"
    " have been made without a word",
    instead="make the alarm in this stack, name it by Ref or literally, and let the endpoint"
    " DependsOn it",
    source=f"{GUIDE}-configuration",
)
def unknown_rollback_alarm(template: Template) -> Iterator[Finding]:
    """A rollback alarm that the stack does not make before its endpoint."""
    alarms = list(template.of("CloudWatch::Alarm", "CloudWatch::CompositeAlarm"))
    by_name = {text(alarm.get("AlarmName")): alarm for alarm in alarms if alarm.get("AlarmName")}
    for endpoint in template.of("SageMaker::Endpoint"):
        needs = endpoint.body.get("DependsOn", [])
        needs = [needs] if isinstance(needs, str) else needs
        for item in _alarms(endpoint):
            name = item.get("AlarmName")
            alarm = template.follow(name) or by_name.get(text(name))
            literal = not isinstance(name, Mapping)
            if alarm is None or (literal and alarm.logical_id not in needs):
                yield Finding(
                    endpoint,
                    "DeploymentConfig.AutoRollbackConfiguration.Alarms",
                    f"rollback alarm {text(name)!r} is not made before the endpoint",
                )


def _alarms(endpoint: Resource) -> list[Mapping[str, Any]]:
    return endpoint.items("DeploymentConfig.AutoRollbackConfiguration.Alarms")


def _is_gradual(endpoint: Resource) -> bool:
    rolling = endpoint.get("DeploymentConfig.RollingUpdatePolicy")
    return bool(rolling) or endpoint.get(f"{ROUTING}.Type") in ("CANARY", "LINEAR")


def _minima(template: Template, fleet: Fleet) -> list[Any]:
    """Return how small the scaling of a variant may make it, at any hour."""
    assert fleet.endpoint
    wanted = f"endpoint/{text(fleet.endpoint.get('EndpointName'))}/variant/{fleet.name}"
    found: list[Any] = []
    for target in template.everywhere("ApplicationAutoScaling::ScalableTarget"):
        if text(target.get("ResourceId")) == wanted:
            found.append(target.get("MinCapacity"))
            actions = target.items("ScheduledActions")
            found += [item.get("ScalableTargetAction", {}).get("MinCapacity") for item in actions]
    return [value for value in found if value is not None]


def _waits(policy: Mapping[str, Any]) -> float:
    routing = policy.get("TrafficRoutingConfiguration", {})
    step = routing.get("LinearStepSize", {}).get("Value")
    steps = ceil(100 / step) if step else 1
    wait = _number(routing.get("WaitIntervalInSeconds", 0))
    wait += _number(policy.get("WaitIntervalInSeconds", 0))
    return steps * wait + _number(policy.get("TerminationWaitInSeconds", 0))


def _number(value: Any) -> float:
    """Return a property as a number; what only the deployment knows counts as large enough."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("inf")
