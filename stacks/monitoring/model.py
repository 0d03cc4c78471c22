"""Alarms on single models by their servers' own metrics: errors, waiting, shedding.

SageMaker has no metrics of an endpoint's models, so the servers tell: see `Slipway/Models`.
"""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from catalog.environment import Environment
from stacks.alarms import Alarm
from stacks.monitoring.served import ServedModel

NAMESPACES = {
    "triton": "Slipway/Models",
    "torchserve": "Slipway/Models",
    "intent": "Slipway/Intent",
}
MINUTE = Duration.minutes(1)
MIN_REQUESTS = 20  # a minute: one failure among fewer is a story, not a share
SHED_PERCENT = 5
QUEUE_SHARE = 0.5  # of the environment's limit for a p99: half of it spent on waiting


def model_metric(served: ServedModel, name: str, statistic: str) -> cloudwatch.Metric:
    """Return a metric that a model's server tells of it, by the minute."""
    return cloudwatch.Metric(
        namespace=NAMESPACES[served.manifest.runtime],
        metric_name=name,
        dimensions_map={"Endpoint": served.target, "Model": served.model},
        statistic=statistic,
        period=MINUTE,
    )


def model_alarms(environment: Environment, models: Sequence[ServedModel]) -> list[Alarm]:
    """Return the alarms of an environment's models."""
    return [alarm for served in models for alarm in _of(environment, served)]


def _of(environment: Environment, served: ServedModel) -> list[Alarm]:
    who = f"{served.model} on {served.target}"
    errors = "Faults" if served.manifest.runtime == "intent" else "Errors"
    limit = environment.alarms.error_percent
    found = [
        Alarm(
            id=f"Errors-{served.target}-{served.model}",
            name=f"{served.target}-{served.model}-errors",
            summary=f"{who}: fails on more than {limit:g} % of requests.",
            runbook="monitoring.md#errors",
            metric=_share(served, errors),
            threshold=limit,
            periods=2,
        )
    ]
    if served.manifest.runtime == "triton":
        wait = QUEUE_SHARE * environment.alarms.p99_ms
        found.append(
            Alarm(
                id=f"Queue-{served.target}-{served.model}",
                name=f"{served.target}-{served.model}-queue",
                summary=f"{who}: requests wait over {wait:g} ms.",
                runbook="monitoring.md#queue",
                metric=model_metric(served, "QueueTimeP99", "Maximum"),
                threshold=wait,
                periods=3,
                samples=model_metric(served, "Requests", "Sum"),
                min_samples=MIN_REQUESTS,
            )
        )
    if served.manifest.runtime == "intent":
        found.append(
            Alarm(
                id=f"Shedding-{served.target}-{served.model}",
                name=f"{served.target}-{served.model}-shedding",
                summary=f"{who}: sheds over {SHED_PERCENT} % of requests.",
                runbook="monitoring.md#shedding",
                metric=_share(served, "Shed"),
                threshold=SHED_PERCENT,
                periods=3,
            )
        )
    return found


def _share(served: ServedModel, name: str) -> cloudwatch.IMetric:
    """Return which percentage of a model's requests a metric counts, where they are enough."""
    return cloudwatch.MathExpression(
        expression=f"IF(requests >= {MIN_REQUESTS}, 100 * wrong / requests, 0)",
        using_metrics={
            "requests": model_metric(served, "Requests", "Sum"),
            "wrong": model_metric(served, name, "Sum"),
        },
        label=f"{name} in percent",
        period=MINUTE,
    )
