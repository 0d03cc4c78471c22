"""What tells that batch runs fail."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn

from stacks.alarms import Alarm
from stacks.batch.job import Job

PERIOD = Duration.minutes(5)


def failing(job: Job, machine: sfn.StateMachine) -> Alarm:
    """Ring when a run failed, took too long or was stopped."""
    return Alarm(
        id="Failing",
        name=f"{job.name}-run-failed",
        summary=f"{job.name}: a run failed, timed out or was stopped. What is done stays done.",
        metric=cloudwatch.MathExpression(
            expression="failed + timedout + aborted",
            using_metrics={
                "failed": machine.metric_failed(period=PERIOD),
                "timedout": machine.metric_timed_out(period=PERIOD),
                "aborted": machine.metric_aborted(period=PERIOD),
            },
            period=PERIOD,
            label="runs that ended badly",
        ),
        threshold=0,
        runbook=job.runbook,
    )
