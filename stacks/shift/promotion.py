"""What a promotion is given so that it can say what shifted endpoints serve until now."""

from aws_cdk import aws_iam as iam

from catalog.environment import Environment
from catalog.instances import instance
from stacks import names, statements
from stacks.accounts import Place
from stacks.shift.where import shifted_endpoints


def variables(environment: Environment, images: Place) -> dict[str, str]:
    """Return the settings of `promote_release`; none where nothing is shifted."""
    shifted = shifted_endpoints(environment)
    if not shifted:
        return {}
    machines = {
        name: instance(size.instance).accelerator
        for name, size in sorted(environment.endpoints.items())
        if name in shifted
    }
    return {
        "SLIPWAY_SHIFTED": " ".join(f"{name}={kind}" for name, kind in machines.items()),
        "SLIPWAY_REGISTRY": images.image("").removesuffix("/"),
    }


def permissions(environment: Environment, place: Place) -> list[iam.PolicyStatement]:
    """Allow seeing the shifted endpoints and writing what they serve; nothing where there are none.

    Who sees an endpoint sees its configuration and models: CloudFormation names them anew.
    """
    shifted = shifted_endpoints(environment)
    if not shifted:
        return []
    endpoints = [names.endpoint(environment.name, name) for name in shifted]
    return [
        statements.allow(
            ["sagemaker:DescribeEndpoint"],
            [place.arn("sagemaker", f"endpoint/{endpoint}") for endpoint in endpoints],
        ),
        statements.allow(
            ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
            [place.arn("sagemaker", "endpoint-config/*"), place.arn("sagemaker", "model/*")],
            because="CloudFormation names these two anew for every release.",
        ),
        statements.allow(
            ["ssm:PutParameter"],
            [
                place.arn("ssm", f"parameter{names.before(environment.name, name)}")
                for name in shifted
            ],
        ),
    ]
