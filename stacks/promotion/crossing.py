"""The two roles by which a promotion crosses from the tooling's account to an environment's.

CodePipeline invokes a Lambda of another account under a role of that account; and a Lambda can
answer a job of another account's pipeline only under a role of that account. So an environment
that is elsewhere has a role that the pipeline takes, and the tooling has one, per environment, that
its Lambdas take.
"""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.environment import Environment
from stacks import names, statements
from stacks.accounts import Place
from stacks.functions.construct import answer_pipeline
from stacks.links import roles_of
from stacks.shift.where import shift_machine, shifted_endpoints

PIPELINE_ROLES = "slipway-tooling-*"


def invoked_by_pipeline(
    scope: Construct, *, environment: Environment, tooling: Place, functions: Sequence[str]
) -> iam.Role:
    """Make the role, in the environment's account, under which the pipeline invokes its Lambdas.

    Args:
        scope: The base stack.
        environment: The environment.
        tooling: Where the pipeline is.
        functions: The ARNs of the Lambdas.
    """
    pattern = f"arn:aws:iam::{tooling.account}:role/{PIPELINE_ROLES}"
    role = iam.Role(
        scope,
        "PipelineRole",
        role_name=names.pipeline_role(environment.name),
        description=f"The model pipeline promotes into {environment.name}",
        assumed_by=iam.AccountPrincipal(tooling.account).with_conditions(
            {"ArnLike": {"aws:PrincipalArn": pattern}}
        ),
    )
    statements.grant(
        role, statements.allow(["lambda:InvokeFunction"], functions), *_shift(environment)
    )
    return role


def _shift(environment: Environment) -> list[iam.PolicyStatement]:
    """Allow starting the state machines that shift traffic, and waiting for their end."""
    machines = [shift_machine(environment, name) for name in shifted_endpoints(environment)]
    if not machines:
        return []
    runs = [f"{arn.replace(':stateMachine:', ':execution:')}:*" for arn in machines]
    return [
        statements.allow(["states:StartExecution", "states:DescribeStateMachine"], machines),
        statements.allow(
            ["states:DescribeExecution"], runs, because="an execution's name is made when it starts"
        ),
    ]


def pipeline_role(scope: Construct, environment: Environment) -> iam.IRole:
    """Return that role as the pipeline sees it, to be given to its Lambda actions."""
    return iam.Role.from_role_arn(
        scope,
        f"{environment.name}-pipeline",
        _role(environment.account, names.pipeline_role(environment.name)),
        mutable=False,
    )


def answered_by(scope: Construct, environments: Sequence[Environment]) -> None:
    """Make the roles, in the tooling's account, under which Lambdas elsewhere answer the pipeline.

    Args:
        scope: The tooling stack.
        environments: Those in another account or region.
    """
    for environment in environments:
        role = iam.Role(
            scope,
            f"AnswerRole-{environment.name}",
            role_name=names.answer_role(environment.name),
            description=f"Lambdas of {environment.name} answer the model pipeline",
            assumed_by=iam.AccountPrincipal(environment.account).with_conditions(
                {"ArnLike": {"aws:PrincipalArn": roles_of(environment)}}
            ),
        )
        statements.grant(role, answer_pipeline())


def answer_role(environment: str, tooling: Place) -> str:
    """Return the ARN of the role under which an environment's Lambdas answer the pipeline."""
    return _role(tooling.account, names.answer_role(environment))


def _role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"
