"""What a weight shift may do: see its endpoint and alarms, and set the endpoint's weights."""

from aws_cdk import aws_iam as iam

from stacks import statements
from stacks.accounts import Place


def shift(endpoint: str, place: Place) -> list[iam.PolicyStatement]:
    """Allow shifting the traffic of one endpoint."""
    return [
        statements.allow(
            ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
            [place.arn("sagemaker", f"endpoint/{endpoint}")],
        ),
        statements.allow(
            ["cloudwatch:DescribeAlarms"],
            ["*"],
            because="CloudWatch authorises the listing as a whole, whichever alarms it names.",
        ),
    ]
