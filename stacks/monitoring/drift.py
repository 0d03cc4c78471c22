"""Alarms on models one by one: drift, quality, too little to say, and nothing captured at all."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from catalog.environment import Environment
from stacks.alarms import Alarm
from stacks.monitoring.job import NAMESPACE
from stacks.monitoring.promised import NAMESPACE as RELEASES
from stacks.monitoring.served import ServedModel

HOUR = Duration.hours(1)
HOURS_TOO_FEW = 24  # a quiet night is no news
HOURS_WITHOUT_JOB = 3


def drift_metric(
    environment: str, served: ServedModel, name: str, statistic: str
) -> cloudwatch.Metric:
    """Return a metric that the drift job publishes of one model."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={
            "Environment": environment,
            "Endpoint": served.target,
            "Model": served.model,
        },
        statistic=statistic,
        period=HOUR,
    )


def drift_alarms(environment: Environment, models: Sequence[ServedModel]) -> list[Alarm]:
    """Return the alarms of an environment's models."""
    return [alarm for served in models for alarm in _of(environment, served)]


def _of(environment: Environment, served: ServedModel) -> tuple[Alarm, ...]:
    def metric(name: str, statistic: str) -> cloudwatch.Metric:
        return drift_metric(environment.name, served, name, statistic)

    def alarm(kind: str, wrong: str, **more: Any) -> Alarm:
        words = kind.lower()
        return Alarm(
            id=f"{kind}-{served.target}-{served.model}",
            name=f"{served.target}-{served.model}-{words}",
            summary=f"{served.model} on {served.target}: {wrong}",
            runbook=f"monitoring.md#{words}",
            **more,
        )

    quality = environment.monitoring.min_quality
    return (
        alarm(
            "Drifted",
            "what is asked or answered is no longer as at its promotion.",
            metric=metric("Drifted", "Maximum"),
            threshold=0,
            # no value says "too few to tell", which is not "no drift"
            missing=cloudwatch.TreatMissingData.IGNORE,
        ),
        alarm(
            "Quality",
            f"less than {quality:.0%} of labelled answers fit.",
            metric=metric("Quality", "Minimum"),
            threshold=quality,
            rings="below",
            missing=cloudwatch.TreatMissingData.IGNORE,
        ),
        alarm(
            "Not-Enough",
            f"too few records for {HOURS_TOO_FEW} hours: drift is unseen.",
            metric=metric("Enough", "Maximum"),
            threshold=1,
            rings="below",
            periods=HOURS_TOO_FEW,
        ),
        alarm(
            "No-Data",
            f"the drift job said nothing of it for {HOURS_WITHOUT_JOB} hours.",
            metric=_hours_unsaid(environment, metric("Records", "SampleCount")),
            threshold=0,
            periods=HOURS_WITHOUT_JOB,
        ),
    )


def _hours_unsaid(environment: Environment, said: cloudwatch.Metric) -> cloudwatch.IMetric:
    """Return 1 for each hour in which a release was live and nothing was said of a model.

    Silence alone would ring from the alarm's birth on, before anything is live.
    """
    live = cloudwatch.Metric(
        namespace=RELEASES,
        metric_name="Live",
        dimensions_map={"Environment": environment.name},
        statistic="Maximum",
        period=HOUR,
    )
    return cloudwatch.MathExpression(
        expression="IF(live > 0 AND FILL(said, 0) < 1, 1, 0)",
        using_metrics={"live": live, "said": said},
        label="hours without a verdict",
        period=HOUR,
    )
