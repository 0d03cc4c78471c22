"""What answers an environment's alarms by itself: a rule on their changes, and a function."""

import json

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Environment
from stacks import names, statements
from stacks.accounts import Place
from stacks.functions.construct import SlipwayFunction
from stacks.links import Tooling
from stacks.monitoring import policy
from stacks.monitoring.crossing import turn_back_role
from stacks.notify.construct import Topics
from stacks.retention import log_retention

PATIENCE = Duration.minutes(15)  # a deployment that is stopped comes to its end first


class Answering(Construct):
    """The function `answer_alarm`, called with each alarm of the environment that begins to ring.

    Attributes:
        function: The function.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        place: Place,
        tooling: Tooling,
        bucket: s3.IBucket,
        key: kms.IKey,
        topics: Topics,
    ) -> None:
        """Make rule and function.

        Args:
            scope: The parent.
            id_: The construct id.
            environment: What it may answer.
            place: Where it is.
            tooling: Where the pipeline is.
            bucket: The environment's bucket, where answers are kept.
            key: What encrypts logs and variables.
            topics: `inform` hears of an alarm that could not be answered.
        """
        super().__init__(scope, id_)
        name = environment.name
        answers = environment.monitoring.answers
        machine = place.arn("states", f"stateMachine:{names.drift(name)}")
        variables = {
            "SLIPWAY_ENVIRONMENT": name,
            "SLIPWAY_ENVIRONMENT_BUCKET": bucket.bucket_name,
            "SLIPWAY_RELEASE_PARAMETER": names.pointer(name, "release"),
            "SLIPWAY_PREVIOUS_PARAMETER": names.pointer(name, "previous"),
            "SLIPWAY_PIPELINE": names.MODEL_PIPELINE,
            "SLIPWAY_DRIFT_MACHINE": machine,
            "SLIPWAY_ANSWERS": json.dumps(answers.model_dump(), sort_keys=True),
        }
        role = None if tooling.near else turn_back_role(name, tooling.place)
        self.function = SlipwayFunction(
            self,
            "AnswerAlarm",
            name="answer_alarm",
            function_name=names.answering(name),
            description=f"Answers alarms of {name}: turns a release back, tells people.",
            environment=variables | ({"SLIPWAY_TURN_BACK_ROLE": role} if role else {}),
            timeout=PATIENCE,
            log_retention=log_retention(environment.retention.log_days),
            key=key,
            unhandled=topics.inform,
        )
        self.function.allow(
            *statements.read_objects(bucket, "answers/*"),
            *statements.write_objects(bucket, "answers/*", "audit/*"),
            *policy.see_pointers(place, name),
            policy.open_ops_items(),
            *(
                [statements.allow(["sts:AssumeRole"], [role])]
                if role
                else policy.turn_back(tooling.place, name)
            ),
            *(
                [statements.allow(["states:StartExecution"], [machine])]
                if answers.rebaseline
                else []
            ),
        )
        events.Rule(
            self,
            "Rings",
            description=f"An alarm of {name} begins to ring",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={
                    "alarmName": [{"prefix": f"slipway-{name}-"}],
                    "state": {"value": ["ALARM"]},
                },
            ),
            targets=[targets.LambdaFunction(self.function.function)],
        )
