"""What tells that an endpoint is slow or wrong; the same alarms turn a rollout back."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from catalog.environment import AlarmLimits
from stacks.alarms import Alarm

VARIANT = "main"
MICROSECONDS_PER_MS = 1000


def slow(endpoint: str, limits: AlarmLimits) -> Alarm:
    """Ring when one call in a hundred takes longer than it may."""
    return Alarm(
        id="Slow",
        name=f"{endpoint}-slow",
        summary=f"{endpoint}: p99 of the model latency is above {limits.p99_ms:g} ms.",
        metric=_metric(endpoint, "ModelLatency", "p99"),
        threshold=limits.p99_ms * MICROSECONDS_PER_MS,
        periods=2,
        few_samples="ignore",  # the p99 of three calls is their maximum
    )


def failing(endpoint: str, limits: AlarmLimits) -> Alarm:
    """Ring when too many calls end in a server error."""
    return Alarm(
        id="Failing",
        name=f"{endpoint}-failing",
        summary=f"{endpoint}: more than {limits.error_percent:g} % of calls end in a 5XX.",
        metric=_metric(endpoint, "Invocation5XXErrors", "Average"),  # 1 or 0 per call: the share
        threshold=limits.error_percent / 100,
        periods=2,
    )


def _metric(endpoint: str, name: str, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=name,
        dimensions_map={"EndpointName": endpoint, "VariantName": VARIANT},
        statistic=statistic,
        period=Duration.minutes(1),
    )
