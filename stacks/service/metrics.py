"""What tells that a service is slow or short of tasks."""

from aws_cdk import Duration
from aws_cdk import aws_elasticloadbalancingv2 as elb

from catalog.environment import AlarmLimits
from stacks.alarms import Alarm

MS_PER_SECOND = 1000


def slow(name: str, group: elb.ApplicationTargetGroup, limits: AlarmLimits) -> Alarm:
    """Ring when one request in a hundred takes longer than it may."""
    return Alarm(
        id="Slow",
        name=f"{name}-slow",
        summary=f"{name}: p99 of the response time is above {limits.p99_ms:g} ms.",
        metric=group.metrics.target_response_time(statistic="p99", period=Duration.minutes(1)),
        threshold=limits.p99_ms / MS_PER_SECOND,
        periods=2,
        few_samples="ignore",
    )


def unhealthy(name: str, group: elb.ApplicationTargetGroup) -> Alarm:
    """Ring when a task stays unready."""
    return Alarm(
        id="Unhealthy",
        name=f"{name}-unhealthy",
        summary=f"{name}: a task does not answer /readyz.",
        metric=group.metrics.unhealthy_host_count(statistic="Maximum", period=Duration.minutes(1)),
        threshold=0,
        periods=5,  # a task that starts is unready for a while
    )
