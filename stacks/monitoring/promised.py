"""Whether what is live keeps the pointer's promise: a function, what calls it, and its alarms."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Environment
from stacks import names, statements
from stacks.accounts import Place
from stacks.alarms import Alarm
from stacks.functions.construct import SlipwayFunction
from stacks.links import Tooling
from stacks.monitoring import policy
from stacks.monitoring.crossing import turn_back_role
from stacks.notify.construct import Topics
from stacks.promotion.policy import VERIFIED, see_deployed
from stacks.retention import log_retention

NAMESPACE = "Slipway/Releases"
EVERY = Duration.minutes(15)  # what no event told of; events come within seconds
# What may change what is live, or what is promised.
EVENTS = {
    "aws.sagemaker": "SageMaker Endpoint State Change",
    "aws.ecs": "ECS Deployment State Change",
    "aws.ssm": "Parameter Store Change",
}


class Promised(Construct):
    """The function `check_live`, called when a server comes to rest and when the pointer moves.

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
        """Make function and rules.

        Args:
            scope: The parent.
            id_: The construct id.
            environment: What is looked at.
            place: Where it is.
            tooling: Where the pipeline and the signing key are.
            bucket: The environment's bucket, where releases are.
            key: What encrypts logs and variables.
            topics: `inform` hears of a check that could not be made.
        """
        super().__init__(scope, id_)
        name = environment.name
        pointer = names.pointer(name, "release")
        role = None if tooling.near else turn_back_role(name, tooling.place)
        self.function = SlipwayFunction(
            self,
            "CheckLive",
            name="check_live",
            function_name=names.checking(name),
            description=f"Compares what is live in {name} with what the pointer promises.",
            environment={
                "SLIPWAY_ENVIRONMENT": name,
                "SLIPWAY_ENVIRONMENT_BUCKET": bucket.bucket_name,
                "SLIPWAY_SIGNING_KEY": tooling.signing_key,
                "SLIPWAY_RELEASE_PARAMETER": pointer,
                "SLIPWAY_PIPELINE": names.MODEL_PIPELINE,
                **({"SLIPWAY_TURN_BACK_ROLE": role} if role else {}),
            },
            timeout=Duration.minutes(2),
            log_retention=log_retention(environment.retention.log_days),
            key=key,
            unhandled=topics.inform,
        )
        self.function.allow(
            *statements.read_objects(bucket, "releases/*", "manifests/*", VERIFIED),
            tooling.verify(),
            *see_deployed(place, name),
            *policy.see_pointers(place, name),
            statements.put_metrics(NAMESPACE),
            statements.allow(["sts:AssumeRole"], [role])
            if role
            else policy.see_stages(tooling.place),
        )
        target = targets.LambdaFunction(self.function.function)
        events.Rule(
            self,
            "Moves",
            description=f"What is live in {name}, or promised, has changed",
            event_pattern=_changes(name, place, pointer),
            targets=[target],
        )
        events.Rule(
            self,
            "Every",
            description=f"Look at what is live in {name} now and then",
            schedule=events.Schedule.rate(EVERY),
            targets=[target],
        )


def _changes(environment: str, place: Place, pointer: str) -> events.EventPattern:
    endpoints = place.arn("sagemaker", f"endpoint/{names.endpoint(environment, '')}")
    services = place.arn(
        "ecs", f"service/{names.cluster(environment)}/{names.service(environment, '')}"
    )
    return events.EventPattern(
        source=list(EVENTS),
        detail_type=list(EVENTS.values()),
        resources=[
            *events.Match.prefix(endpoints),
            *events.Match.prefix(services),
            place.arn("ssm", f"parameter{pointer}"),
        ],
        # of an endpoint only that it is at rest again; the others have no such member
        detail={"EndpointStatus": ["IN_SERVICE", {"exists": False}]},
    )


def promise_alarms(environment: Environment, servers: Sequence[str]) -> list[Alarm]:
    """Return an alarm for each endpoint and service, by full name: it serves another release."""
    return [
        Alarm(
            id=f"Unpromised-{target}",
            name=f"{target}-unpromised",
            summary=f"{target}: what is live is not what the pointer promises.",
            runbook="monitoring.md#unpromised",
            metric=cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name="Unpromised",
                dimensions_map={"Environment": environment.name, "Target": target},
                statistic="Maximum",
                period=Duration.minutes(1),
            ),
            threshold=0,
            # between two checks nothing is said, and what was said holds
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        for target in servers
    ]
