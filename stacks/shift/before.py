"""What a shifted endpoint served until now: a parameter that promotion writes and deploys read.

CloudFormation looks its value up when it deploys, so a template is a function of environment and
release alone, and a second deploy of a release changes nothing.
"""

from aws_cdk import Fn
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks import names

SEPARATOR = "|"
NOTHING = f"none{SEPARATOR}none"


def before_parameter(scope: Construct, environment: str, endpoint: str) -> ssm.StringParameter:
    """Make the parameter of an endpoint; only a promotion changes its value."""
    return ssm.StringParameter(
        scope,
        f"Before-{endpoint}",
        parameter_name=names.before(environment, endpoint),
        string_value=NOTHING,
        description=f"Image and models that {endpoint} served before its newest release.",
    )


def read_before(scope: Construct, environment: str, endpoint: str) -> tuple[str, str]:
    """Return image and S3 folder of what an endpoint served until now, as tokens."""
    value = ssm.StringParameter.value_for_string_parameter(
        scope, names.before(environment, endpoint)
    )
    image, folder = (Fn.select(part, Fn.split(SEPARATOR, value)) for part in (0, 1))
    return image, folder
