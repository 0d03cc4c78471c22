"""What each promotion step may do in its environment."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from stacks import names, statements
from stacks.accounts import Place
from stacks.links import Tooling

COPIED = ("manifests/*", "content/*", "releases/*")


def promote(tooling: Tooling, bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """Allow copying a release by digest, and unfolding it under `live/`."""
    return [
        *statements.read_objects(tooling.store, *COPIED),
        *statements.read_objects(bucket, *COPIED, "live/*"),
        *statements.write_objects(bucket, *COPIED, "live/*"),
        statements.verify_with(tooling.signing_key),
    ]


def verify(
    tooling: Tooling, bucket: s3.IBucket, place: Place, environment: str
) -> list[iam.PolicyStatement]:
    """Allow seeing what is deployed and asking it the release's examples."""
    endpoints = place.arn("sagemaker", f"endpoint/{names.endpoint(environment, '*')}")
    cluster = names.cluster(environment)
    services = place.arn("ecs", f"service/{cluster}/{names.service(environment, '*')}")
    return [
        *statements.read_objects(bucket, *COPIED, "live/*"),
        statements.verify_with(tooling.signing_key),
        statements.allow(["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"], [endpoints]),
        statements.allow(
            ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
            # CloudFormation names these two anew for every release
            [place.arn("sagemaker", "endpoint-config/*"), place.arn("sagemaker", "model/*")],
        ),
        statements.allow(["ecs:DescribeServices"], [services]),
        statements.allow(
            [
                "ecs:DescribeTaskDefinition",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeLoadBalancers",
            ],
            ["*"],  # IAM offers no resource for these three
        ),
    ]


def point(tooling: Tooling, bucket: s3.IBucket, pointers: list[str]) -> list[iam.PolicyStatement]:
    """Allow moving the two pointers to a release that is there."""
    return [
        *statements.read_objects(bucket, "releases/*"),
        statements.verify_with(tooling.signing_key),
        statements.allow(["ssm:GetParameter", "ssm:PutParameter"], pointers),
    ]
