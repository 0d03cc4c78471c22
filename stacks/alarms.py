"""Alarms as data: what rings, how loud, from when, what silence means, and where to read on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from stacks.acknowledge import acknowledge
from stacks.notify.construct import Topics

RUNBOOKS = "docs/runbooks"
QUIET = "NIST.800.53.R5-CloudWatchAlarmAction"


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        id: The construct id.
        name: The physical name, stable so that runbooks and people find it.
        summary: A sentence on what is wrong when it rings.
        metric: What is watched.
        threshold: It rings above this (or from it on, or below it, as `rings` says), in the
            metric's unit. Where it rings `outside`: how many deviations the band is wide that
            CloudWatch learns from the metric's past, by hour and weekday.
        severity: A `page` wakes somebody, through the composite alarm; all tell those informed.
        runbook: The section to read, such as `endpoint.md#slow`, below `docs/runbooks`.
        missing: What no data means.
        periods: How many periods must be wrong.
        of: Out of how many; as many as `periods` unless said.
        few_samples: For percentiles, `ignore` keeps the state while samples are few.
        samples: How many samples a minute has; with `min_samples`, and metrics by the minute.
        min_samples: A period with fewer samples is never wrong.
        rings: On which side of the threshold.
        guards: Whether it turns a rollout back.
    """

    id: str
    name: str
    summary: str
    metric: cloudwatch.IMetric
    threshold: float
    severity: Literal["page", "inform"] = "inform"
    runbook: str = ""
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING
    periods: int = 1
    of: int | None = None
    few_samples: str | None = None
    samples: cloudwatch.IMetric | None = None
    min_samples: int = 0
    rings: Literal["above", "from", "below", "outside"] = "above"
    guards: bool = False

    def create(self, scope: Construct, topics: Topics | None = None) -> cloudwatch.Alarm:
        """Make the alarm; with `topics`, those informed hear of it, and of its end."""
        made = self._outside(scope) if self.rings == "outside" else self._beyond(scope)
        if topics is None:
            acknowledge(made, "Only read: by a rollout, a pipeline or a composite alarm.", QUIET)
        else:
            action = actions.SnsAction(topics.inform)
            made.add_alarm_action(action)
            made.add_ok_action(action)
        return made

    def _beyond(self, scope: Construct) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            scope,
            self.id,
            alarm_name=self.name,
            alarm_description=self.description,
            metric=self._watched(),
            threshold=self.threshold,
            comparison_operator=_OPERATORS[self.rings],
            evaluation_periods=self.of or self.periods,
            datapoints_to_alarm=self.periods if self.of else None,
            treat_missing_data=self.missing,
            evaluate_low_sample_count_percentile=self.few_samples,
        )

    def _outside(self, scope: Construct) -> cloudwatch.AnomalyDetectionAlarm:
        return cloudwatch.AnomalyDetectionAlarm(
            scope,
            self.id,
            alarm_name=self.name,
            alarm_description=self.description,
            metric=self.metric,
            std_devs=self.threshold,
            comparison_operator=_OUTSIDE,
            evaluation_periods=self.of or self.periods,
            datapoints_to_alarm=self.periods if self.of else None,
            treat_missing_data=self.missing,
        )

    @property
    def description(self) -> str:
        """Return what an alarm's reader sees first: what is wrong, and the runbook's section."""
        return f"{self.summary} {RUNBOOKS}/{self.runbook}" if self.runbook else self.summary

    def _watched(self) -> cloudwatch.IMetric:
        if self.samples is None:
            return self.metric
        return cloudwatch.MathExpression(
            expression=f"IF(samples >= {self.min_samples}, value, 0)",
            using_metrics={"samples": self.samples, "value": self.metric},
            label=self.id,
            period=Duration.minutes(1),
        )


_OPERATORS = {
    "above": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    "from": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    "below": cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}
_OUTSIDE = cloudwatch.ComparisonOperator.LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD


def stand_watch(
    scope: Construct, alarms: Sequence[Alarm], *, name: str, topics: Topics
) -> dict[str, cloudwatch.Alarm]:
    """Make the alarms of one endpoint or service, and the one that rings for its loud ones.

    That composite wakes nobody by itself: the environment's does, once for all of them.

    Args:
        scope: The parent.
        alarms: Its alarms; those of severity `page` make the composite ring.
        name: The endpoint or service: `NAME-page` is the composite's name.
        topics: Who hears of it.

    Returns:
        The alarms by id.
    """
    made = {alarm.id: alarm.create(scope, topics) for alarm in alarms}
    loud = [made[alarm.id] for alarm in alarms if alarm.severity == "page"]
    if loud:
        rings(
            scope,
            f"{name}-page",
            f"{name} does not serve as it should. {RUNBOOKS}/README.md#paged",
            loud,
        )
    return made


def rings(
    scope: Construct,
    name: str,
    description: str,
    parts: Sequence[cloudwatch.IAlarm],
    *,
    wakes: Topics | None = None,
) -> cloudwatch.CompositeAlarm:
    """Make an alarm that rings while any of its parts does.

    Args:
        scope: The parent.
        name: Its name.
        description: What it means, with the runbook's section.
        parts: What it is made of.
        wakes: Whom it pages; nobody unless given.
    """
    made = cloudwatch.CompositeAlarm(
        scope,
        "Page",
        composite_alarm_name=name,
        alarm_description=description,
        alarm_rule=cloudwatch.AlarmRule.any_of(
            *(cloudwatch.AlarmRule.from_alarm(part, cloudwatch.AlarmState.ALARM) for part in parts)
        ),
    )
    if wakes is None:
        acknowledge(made, "Only read: by the composite that pages for the environment.", QUIET)
    else:
        action = actions.SnsAction(wakes.page)
        made.add_alarm_action(action)
        made.add_ok_action(action)
    return made
