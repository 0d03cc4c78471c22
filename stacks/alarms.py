"""Alarms as data: what rings, from when, what silence means, and where to read on."""

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        id: The construct id.
        name: The physical name, stable so that runbooks and people find it.
        summary: A sentence on what is wrong when it rings.
        metric: What is watched.
        threshold: It rings above this, in the metric's unit.
        missing: What no data means.
        periods: How many periods in a row must be above.
        few_samples: For percentiles, `ignore` keeps the state while samples are few.
    """

    id: str
    name: str
    summary: str
    metric: cloudwatch.IMetric
    threshold: float
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING
    periods: int = 1
    few_samples: str | None = None

    def create(self, scope: Construct) -> cloudwatch.Alarm:
        """Make the alarm."""
        return cloudwatch.Alarm(
            scope,
            self.id,
            alarm_name=self.name,
            alarm_description=self.summary,
            metric=self.metric,
            threshold=self.threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=self.periods,
            treat_missing_data=self.missing,
            evaluate_low_sample_count_percentile=self.few_samples,
        )
