"""The state machine that moves an endpoint's traffic from what served to what arrives."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks import statements
from stacks.acknowledge import acknowledge_wildcards
from stacks.alarms import Alarm
from stacks.endpoint.hosting import Hosting
from stacks.retention import log_group, log_retention
from stacks.shift import policy
from stacks.shift.machine import ShiftPlan, definition


class WeightShift(Construct):
    """The state machine of one endpoint, and the alarm on a shift that did not come through.

    Attributes:
        machine: The state machine.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        hosting: Hosting,
        guards: Sequence[cloudwatch.IAlarm],
    ) -> None:
        """Make the state machine.

        Args:
            scope: The parent.
            id_: The construct id.
            name: Its literal name, by which pipelines and operators start it.
            hosting: The endpoint.
            guards: The alarms that turn it back.
        """
        super().__init__(scope, id_)
        plan = ShiftPlan(
            endpoint=hosting.name,
            alarms=[alarm.alarm_name for alarm in guards],
            rollout=hosting.environment.rollout,
            rest_count=None if hosting.size.scaling else 1,
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"Weight shift of {hosting.name}",
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_string(
                cdk.Stack.of(self).to_json_string(definition(plan))
            ),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=log_group(
                    self,
                    "Logs",
                    retention=log_retention(hosting.environment.retention.log_days),
                    key=hosting.key,
                    # below this prefix a log policy does not grow with every state machine
                    name=f"/aws/vendedlogs/states/{name}",
                ),
                level=sfn.LogLevel.ALL,
            ),
        )
        statements.grant(role, *policy.shift(hosting.name, hosting.place))
        acknowledge_wildcards(
            role.node.find_child("DefaultPolicy"),
            "Delivery of logs and traces: IAM offers no resource for either.",
            "*",
        )
        self._failed(name).create(self, hosting.topics)

    def _failed(self, name: str) -> Alarm:
        return Alarm(
            id="TurnedBack",
            name=f"{name}-turned-back",
            summary=f"{name}: a release did not take over; what served before serves.",
            metric=self.machine.metric_failed(period=Duration.minutes(1), statistic="Sum"),
            threshold=0,
            runbook="endpoint.md#turned-back",
        )
