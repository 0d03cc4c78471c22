"""How an environment in another account turns the pipeline's stage back: a role of the tooling."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.environment import Environment
from stacks import names, statements
from stacks.accounts import Place
from stacks.links import roles_of
from stacks.monitoring import policy


def turned_back_by(scope: Construct, environments: Sequence[Environment], here: Place) -> None:
    """Make those roles in the tooling's account.

    Args:
        scope: The tooling stack.
        environments: Those in another account or region.
        here: Where the tooling is.
    """
    for environment in environments:
        role = iam.Role(
            scope,
            f"TurnBackRole-{environment.name}",
            role_name=names.turn_back_role(environment.name),
            description=f"Alarms of {environment.name} turn its stage of the pipeline back",
            assumed_by=iam.AccountPrincipal(environment.account).with_conditions(
                {"ArnLike": {"aws:PrincipalArn": roles_of(environment)}}
            ),
        )
        statements.grant(role, *policy.turn_back(here, environment.name))


def turn_back_role(environment: str, tooling: Place) -> str:
    """Return the ARN of the role under which an environment's alarms turn its stage back."""
    return f"arn:aws:iam::{tooling.account}:role/{names.turn_back_role(environment)}"
