"""What a stage asks of an environment's alarms: after a deployment, and before the next one."""

from collections.abc import Sequence

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.environment import Environment
from stacks import names, statements
from stacks.accounts import Place
from stacks.promotion.crossing import PIPELINE_ROLES
from stacks.watching import watched_alarms

OURS = "The environment's own, all of them: which there are, its data and releases say."


def stays_well(environment: Environment) -> codepipeline.Conditions:
    """Turn a deployment back whose alarms ring at its end.

    The rollout itself has watched them while it baked; an alarm that rings still has as long again
    to become quiet.
    """
    return _quiet(environment, codepipeline.Result.ROLLBACK)


def is_well(before: Environment) -> codepipeline.Conditions:
    """Keep a release out of an environment while the alarms of the one before it ring.

    Hours may lie between the two: somebody had to approve.
    """
    return _quiet(before, codepipeline.Result.FAIL)


def _quiet(environment: Environment, result: codepipeline.Result) -> codepipeline.Conditions:
    minutes = max(1, environment.rollout.bake_seconds // 60)
    rules = [
        codepipeline.Rule(
            name=alarm,
            provider="CloudWatchAlarm",
            version="1",
            configuration={"AlarmName": alarm, "WaitTime": str(minutes)},
        )
        for alarm in watched_alarms(environment)
    ]
    condition = codepipeline.Condition(result=result, rules=rules)
    return codepipeline.Conditions(conditions=[condition])


def may_see_alarms(
    made: codepipeline.Pipeline, environments: Sequence[Environment], here: Place
) -> None:
    """Let the rules of a pipeline read alarms: near ones itself, others under their account's role.

    Args:
        made: The pipeline.
        environments: Those whose alarms its stages look at.
        here: Where the pipeline is.
    """
    for environment in environments:
        place = Place(environment.account, environment.region)
        if place == here:
            alarms = place.arn("cloudwatch", f"alarm:slipway-{environment.name}-*")
            see = statements.allow(["cloudwatch:DescribeAlarms"], [alarms], because=OURS)
        else:
            see = statements.allow(["sts:AssumeRole"], [observer_role(environment)])
        statements.grant(made.role, see)
    _name_roles(made, environments, here)


def _name_roles(
    made: codepipeline.Pipeline, environments: Sequence[Environment], here: Place
) -> None:
    """Write roles and regions into the rules: CDK takes roles of this stack alone."""
    resource = made.node.default_child
    assert isinstance(resource, codepipeline.CfnPipeline)
    position = {stage.stage_name: index for index, stage in enumerate(made.stages)}
    for before, environment in zip([None, *environments], environments, strict=False):
        stage = position[f"Deploy-{environment.name}"]
        for moment, seen in (("OnSuccess", environment), ("BeforeEntry", before)):
            if seen is None or Place(seen.account, seen.region) == here:
                continue
            for number, _ in enumerate(watched_alarms(seen)):
                rule = f"Stages.{stage}.{moment}.Conditions.0.Rules.{number}"
                resource.add_property_override(f"{rule}.RoleArn", observer_role(seen))
                resource.add_property_override(f"{rule}.Region", seen.region)


def observer_role(environment: Environment) -> str:
    """Return the ARN of the role under which the tooling looks at an environment elsewhere."""
    return f"arn:aws:iam::{environment.account}:role/{names.observer(environment.name)}"


def observed_by_tooling(scope: Construct, *, environment: Environment, tooling: Place) -> iam.Role:
    """Make that role in the environment's account.

    Args:
        scope: The base stack.
        environment: The environment.
        tooling: Where the pipeline is.
    """
    pattern = f"arn:aws:iam::{tooling.account}:role/{PIPELINE_ROLES}"
    place = Place(environment.account, environment.region)
    role = iam.Role(
        scope,
        "ObserverRole",
        role_name=names.observer(environment.name),
        description=f"The tooling sees alarms of {environment.name} and loads its endpoints",
        assumed_by=iam.AccountPrincipal(tooling.account).with_conditions(
            {"ArnLike": {"aws:PrincipalArn": pattern}}
        ),
    )
    alarms = place.arn("cloudwatch", f"alarm:slipway-{environment.name}-*")
    endpoints = place.arn("sagemaker", f"endpoint/{names.endpoint(environment.name, '*')}")
    statements.grant(
        role,
        statements.allow(["cloudwatch:DescribeAlarms"], [alarms], because=OURS),
        statements.allow(
            ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"], [endpoints], because=OURS
        ),
        statements.allow(
            ["sagemaker:DescribeEndpointConfig"],
            [place.arn("sagemaker", "endpoint-config/*")],
            because="CloudFormation names them anew for every release; reading them is all.",
        ),
    )
    return role
