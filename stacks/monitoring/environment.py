"""Alarms on an environment as a whole: what it costs, and that a release was turned back."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from catalog.environment import Environment
from stacks.alarms import Alarm

BILLING_REGION = "us-east-1"  # the one region that AWS/Billing is published in
SIX_HOURS = Duration.hours(6)  # as often as AWS says what is due


def cost_alarm(environment: Environment) -> list[Alarm]:
    """Return the alarm on what the account costs a day, where a limit is given.

    The metric is what is due this month so far: its growth over a day is compared, and its fall
    on the first of a month is none.
    """
    limit = environment.monitoring.cost_per_day
    if limit is None or environment.region != BILLING_REGION:
        return []
    due = cloudwatch.Metric(
        namespace="AWS/Billing",
        metric_name="EstimatedCharges",
        dimensions_map={"Currency": "USD"},
        statistic="Maximum",
        period=SIX_HOURS,
    )
    name = f"slipway-{environment.name}"
    return [
        Alarm(
            id="Cost",
            name=f"{name}-cost",
            summary=f"{name}: the account costs more than {limit:g} US dollars a day.",
            runbook="cost.md#cost",
            metric=cloudwatch.MathExpression(
                expression="RATE(due) * 86400",
                using_metrics={"due": due},
                period=SIX_HOURS,
                label="US dollars a day",
            ),
            threshold=limit,
            periods=2,
        )
    ]


def rolled_back(environment: Environment) -> Alarm:
    """Return the alarm that tells people that an earlier release is live again."""
    name = f"slipway-{environment.name}"
    return Alarm(
        id="RolledBack",
        name=f"{name}-rolled-back",
        summary=f"{name}: a release that was live before is live again.",
        runbook="monitoring.md#rolled-back",
        metric=cloudwatch.Metric(
            namespace="Slipway/Releases",
            metric_name="RolledBack",
            dimensions_map={"Environment": environment.name},
            statistic="Sum",
            period=Duration.minutes(5),
        ),
        threshold=0,
    )
