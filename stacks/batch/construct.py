"""One state machine that runs the job and waits for it, started by a schedule or an operator."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as event_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks import statements
from stacks.batch import metrics
from stacks.batch.hosting import JobHosting
from stacks.batch.job import Call, Job
from stacks.batch.policy import NO_RESOURCE

ENDED_BADLY = ("FAILED", "TIMED_OUT", "ABORTED")
WRITE_LOGS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)


class BatchRun(Construct):
    """The state machine around a job, its schedule, and what tells that a run failed.

    Attributes:
        state_machine: Starting it, with any input, runs the job.
    """

    def __init__(
        self, scope: Construct, id_: str, *, job: Job, call: Call, hosting: JobHosting
    ) -> None:
        """Make the state machine.

        Args:
            scope: The parent.
            id_: The construct id.
            job: The job.
            call: How it is run.
            hosting: Its surroundings.
        """
        super().__init__(scope, id_)
        score = sfn.CustomState(
            self,
            "Score",
            state_json={
                "Type": "Task",
                "Resource": call.resource,
                "Parameters": dict(call.parameters),
                "End": True,
            },
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"Runs {job.name}",
        )
        statements.grant(role, *call.permissions)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=job.name,
            definition_body=sfn.DefinitionBody.from_chainable(self._chain(call, score)),
            role=role.without_policy_updates(),
            timeout=Duration.seconds(job.longest_seconds),
            logs=sfn.LogOptions(
                level=sfn.LogLevel.ALL,
                destination=hosting.log_group(self, f"/aws/vendedlogs/states/{job.name}"),
                include_execution_data=True,
            ),
            tracing_enabled=True,
        )
        statements.grant(
            role,
            statements.allow(WRITE_LOGS, ["*"], because=NO_RESOURCE),
            statements.allow(
                [
                    "xray:PutTraceSegments",
                    "xray:PutTelemetryRecords",
                    "xray:GetSamplingRules",
                    "xray:GetSamplingTargets",
                ],
                ["*"],
                because=NO_RESOURCE,
            ),
        )
        self.state_machine.node.add_dependency(role)  # it must be able to log from the start
        events.Rule(
            self,
            "Failed",
            description=f"A run of {job.name} ended badly",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [self.state_machine.state_machine_arn],
                    "status": list(ENDED_BADLY),
                },
            ),
            targets=[event_targets.SnsTopic(hosting.topics.inform)],
        )
        metrics.failing(job, self.state_machine).create(self, hosting.topics)
        if job.size.schedule:
            self._schedule(job.size.schedule, job.name)

    def _chain(self, call: Call, run: sfn.CustomState) -> sfn.IChainable:
        """Return the run, after a state that fills in what a start left unsaid."""
        if not call.defaults:
            return run
        said = sfn.Result.from_object(dict(call.defaults))
        unsaid = sfn.Pass(self, "Defaults", result=said, result_path="$.defaults")
        merged = {"order.$": "States.JsonMerge($.defaults, $, false)"}
        return unsaid.next(sfn.Pass(self, "Order", parameters=merged)).next(run)

    def _schedule(self, expression: str, name: str) -> None:
        role = iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            description=f"Starts {name} on schedule",
        )
        start = statements.allow(["states:StartExecution"], [self.state_machine.state_machine_arn])
        statements.grant(role, start)
        scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=name,
            description=f"Starts {name}",
            schedule=scheduler.ScheduleExpression.expression(expression),
            target=targets.StepFunctionsStartExecution(
                self.state_machine,
                role=role,
                input=scheduler.ScheduleTargetInput.from_object({"startedBy": "schedule"}),
                retry_attempts=2,
            ),
        )
