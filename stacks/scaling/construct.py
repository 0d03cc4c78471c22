"""A fleet that follows its load, grows at signs of overload, and rests out of hours."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.sizes import Scaling
from stacks.alarms import Alarm
from stacks.scaling.fleet import Fleet, Step, Tracking

STEP_PERIODS = 2
THIRD = 34  # percent


class ScaledFleet(Construct):
    """Target tracking, steps and off-hours of one fleet.

    Attributes:
        target: The scalable target.
        alarms: What to watch: that the fleet cannot grow any more.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        fleet: Fleet,
        scaling: Scaling,
        tracking: Tracking,
        steps: Sequence[Step] = (),
        running: cloudwatch.IMetric,
        runbook: str,
    ) -> None:
        """Let a fleet scale.

        Args:
            scope: The parent.
            id_: The construct id.
            name: The endpoint or service, for names.
            fleet: What scales; it must exist before: add a dependency on it.
            scaling: The bounds, cooldowns and off-hours.
            tracking: The load that is held.
            steps: Signs of overload.
            running: How many machines there are.
            runbook: The section on a fleet at its maximum.
        """
        super().__init__(scope, id_)
        self.target = autoscaling.ScalableTarget(
            self,
            "Target",
            service_namespace=fleet.namespace,
            resource_id=fleet.resource_id,
            scalable_dimension=fleet.dimension,
            min_capacity=scaling.min,
            max_capacity=scaling.max,
            role=iam.Role.from_role_arn(self, "LinkedRole", fleet.role_arn, mutable=False),
        )
        self._track(tracking, scaling)
        for step in steps:
            self._step(step, scaling)
        self._rest(scaling)
        self.alarms = (at_maximum(name, running, scaling, runbook),)

    def _track(self, tracking: Tracking, scaling: Scaling) -> None:
        self.target.scale_to_track_metric(
            "Load",
            target_value=tracking.value,
            predefined_metric=tracking.predefined,
            resource_label=tracking.label,
            custom_metric=tracking.metric,
            scale_out_cooldown=Duration.seconds(scaling.out_cooldown_seconds),
            scale_in_cooldown=Duration.seconds(scaling.in_cooldown_seconds),
        )

    def _step(self, step: Step, scaling: Scaling) -> None:
        self.target.scale_on_metric(
            step.id,
            metric=step.metric,
            adjustment_type=autoscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
            min_adjustment_magnitude=1,
            scaling_steps=[  # out alone: the way in belongs to the tracking of the load
                autoscaling.ScalingInterval(lower=step.near, upper=step.at, change=1),
                autoscaling.ScalingInterval(lower=step.at, change=THIRD),
            ],
            evaluation_periods=STEP_PERIODS,
            cooldown=Duration.seconds(scaling.out_cooldown_seconds),
        )

    def _rest(self, scaling: Scaling) -> None:
        hours = scaling.off_hours
        if hours is None:
            return
        self.target.scale_on_schedule(
            "OffHours",
            schedule=autoscaling.Schedule.expression(hours.from_),
            min_capacity=hours.min,
            max_capacity=hours.max,
        )
        self.target.scale_on_schedule(
            "OnHours",
            schedule=autoscaling.Schedule.expression(hours.to),
            min_capacity=scaling.min,
            max_capacity=scaling.max,
        )


def at_maximum(name: str, running: cloudwatch.IMetric, scaling: Scaling, runbook: str) -> Alarm:
    """Ring when a fleet stays as large as it may be: more load would not get more machines."""
    return Alarm(
        id="AtMaximum",
        name=f"{name}-at-maximum",
        summary=f"{name}: stays at its maximum of {scaling.max} and cannot grow with its load.",
        metric=running,
        threshold=scaling.max,
        rings="from",
        periods=3,
        runbook=runbook,
    )
