"""Rules on alarms: a runbook, and metrics that exist as they are asked for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.rules.machines import fleets_of, has_gpu
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Resource, Template, text

INVOCATION, HOST = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
_HOST_METRICS = {
    "GPUUtilization", "GPUMemoryUtilization", "CPUUtilization", "MemoryUtilization",
    "DiskUtilization", "LoadedModelCount",
}  # fmt: skip
_INVOCATION_METRICS = {
    "ModelLatency", "OverheadLatency", "Invocations", "InvocationsPerInstance", "ModelCacheHit",
    "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors", "ModelLoadingTime",
    "ModelLoadingWaitTime", "ModelDownloadingTime", "ModelUnloadingTime", "ModelSetupTime",
}  # fmt: skip
_RUNBOOK = re.compile(r"docs/runbooks/[\w-]+\.md(#[\w-]+)?")
METRICS_PAGE = "SageMaker developer guide: monitoring-cloudwatch"


@dataclass(frozen=True)
class Watched:
    """A metric that an alarm or a scaling policy reads."""

    resource: Resource
    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, str]
    threshold: Any


@rule(
    why="it rings at night all the same, and who wakes up does not know what to do",
    instead="end AlarmDescription with the runbook, docs/runbooks/NAME.md#SECTION",
    source="design: alarms are data",
)
def alarm_runbook(template: Template) -> Iterator[Finding]:
    """An alarm without a runbook in its description."""
    for alarm in template.of("CloudWatch::Alarm", "CloudWatch::CompositeAlarm"):
        if _only_scales(alarm):
            continue
        if not _RUNBOOK.search(text(alarm.get("AlarmDescription"))):
            name = text(alarm.get("AlarmName")) or alarm.logical_id
            yield Finding(alarm, "AlarmDescription", f"alarm {name} names no runbook")


@rule(
    why="CloudWatch takes any name, and an alarm on a metric that nobody publishes stays silent",
    instead=f"take host metrics from {HOST} and the others from {INVOCATION}",
    source=METRICS_PAGE,
)
def metric_namespace(template: Template) -> Iterator[Finding]:
    """A SageMaker metric in the namespace of the others."""
    for item in watched(template):
        wrong = (item.namespace == INVOCATION and item.name in _HOST_METRICS) or (
            item.namespace == HOST and item.name in _INVOCATION_METRICS
        )
        if wrong:
            found = f"{item.name} is read from {item.namespace}"
            yield Finding(item.resource, "Namespace", found)


@rule(
    why="SageMaker publishes it by EndpointName and VariantName together, and an alarm on fewer"
    " dimensions sees no data",
    instead="give both dimensions",
    source=METRICS_PAGE,
)
def metric_dimensions(template: Template) -> Iterator[Finding]:
    """An endpoint's metric without its variant."""
    for item in watched(template):
        ours = item.namespace in (INVOCATION, HOST) and "EndpointName" in item.dimensions
        if ours and "VariantName" not in item.dimensions:
            yield Finding(item.resource, "Dimensions", f"{item.name} is read without VariantName")


@rule(
    why="SageMaker has no metrics per model on a multi-model endpoint, so that the alarm is silent"
    " and the policy never scales",
    instead="use EndpointName and VariantName, and our own metrics for single models",
    source="SageMaker developer guide: multi-model-endpoint-cloudwatch-metrics",
)
def metric_per_model(template: Template) -> Iterator[Finding]:
    """An alarm or a scaling policy on SageMaker's metrics of a single model."""
    for item in watched(template):
        if item.namespace in (INVOCATION, HOST) and item.dimensions.keys() & {
            "ModelName",
            "TargetModel",
        }:
            found = f"{item.name} is read by {', '.join(sorted(item.dimensions))}"
            yield Finding(item.resource, "Dimensions", found)


@rule(
    why="it has Average and Maximum only, and an alarm on a percentile of it never has data",
    instead="watch the p99 of ModelLatency, or the Maximum of OverheadLatency",
    source=METRICS_PAGE,
)
def overhead_percentile(template: Template) -> Iterator[Finding]:
    """A percentile of OverheadLatency."""
    for item in watched(template):
        if item.name == "OverheadLatency" and re.match(r"p\d", item.statistic):
            yield Finding(item.resource, "ExtendedStatistic", f"{item.statistic} of {item.name}")


@rule(
    why="SageMaker's latencies are microseconds, so that every single call is above it",
    instead="multiply milliseconds by 1000",
    source=METRICS_PAGE,
)
def latency_unit(template: Template) -> Iterator[Finding]:
    """A latency threshold below one millisecond."""
    for item in watched(template):
        if item.name not in ("ModelLatency", "OverheadLatency") or item.namespace != INVOCATION:
            continue
        if isinstance(item.threshold, int | float) and item.threshold < 1000:
            found = f"the threshold of {item.name} is {item.threshold:g} microseconds"
            yield Finding(item.resource, "Threshold", found)


@rule(
    why="a machine without a GPU publishes no such metric, so that the alarm is silent and the"
    " policy never scales",
    instead="watch CPUUtilization or latency there",
    source=METRICS_PAGE,
)
def gpu_metric_without_gpu(template: Template) -> Iterator[Finding]:
    """A GPU metric of an endpoint without GPUs."""
    for item in watched(template):
        if item.namespace != HOST or not item.name.startswith("GPU"):
            continue
        name = item.dimensions.get("EndpointName", "")
        machines = {fleet.instance for fleet in fleets_of(template, name)}
        if machines and not any(has_gpu(machine) for machine in machines):
            found = f"{item.name} of {name}, which runs on {', '.join(sorted(machines))}"
            yield Finding(item.resource, "MetricName", found)


def _only_scales(alarm: Resource) -> bool:
    """Say whether an alarm reaches policies alone: nobody hears it, nobody needs a runbook."""
    actions = [alarm.template.follow(action) for action in alarm.get("AlarmActions") or []]
    return bool(actions) and all(
        action is not None and action.kind.endswith("::ScalingPolicy") for action in actions
    )


def watched(template: Template) -> Iterator[Watched]:
    """Yield every metric that an alarm or a target tracking policy of a template reads."""
    for alarm in template.of("CloudWatch::Alarm"):
        own = alarm.body.get("Properties", {})
        threshold = own.get("Threshold")
        if own.get("MetricName"):
            yield _metric(alarm, own, own, threshold)
        queries = alarm.items("Metrics")
        for query in queries:
            stat = query.get("MetricStat")
            if stat:
                plain = threshold if len(queries) == 1 else None
                yield _metric(alarm, stat["Metric"], stat, plain)
    custom = "TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification"
    for policy in template.of("ApplicationAutoScaling::ScalingPolicy"):
        found = policy.get(custom)
        if found and found.get("MetricName"):
            yield _metric(policy, found, found, None)


def _metric(
    resource: Resource, metric: Mapping[str, Any], stat: Mapping[str, Any], threshold: Any
) -> Watched:
    statistic = stat.get("ExtendedStatistic") or stat.get("Stat") or stat.get("Statistic")
    dimensions = {
        text(item.get("Name")): text(item.get("Value")) for item in metric.get("Dimensions", [])
    }
    namespace, name = text(metric.get("Namespace")), text(metric.get("MetricName"))
    return Watched(resource, namespace, name, text(statistic), dimensions, threshold)
