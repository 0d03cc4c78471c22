"""What each promotion step may do in its environment."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from stacks import names, statements
from stacks.accounts import Place
from stacks.links import Tooling

COPIED = ("manifests/*", "content/*", "releases/*")
EVIDENCE = "evidence/*"  # what chips have shown of artifacts that were compiled without one
OURS = "The environment's own, all of them: which there are, its data says."
VERIFIED = "verifications/*"  # what `verify` saw of a release; `point` asks for it
HISTORY = "history/*"  # which release was live when


def promote(tooling: Tooling, bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    """Allow copying a release by digest, and unfolding it under `live/`."""
    return [
        *tooling.read(*COPIED, EVIDENCE),
        *statements.read_objects(bucket, *COPIED, EVIDENCE, "live/*"),
        *statements.write_objects(bucket, *COPIED, EVIDENCE, "live/*"),
        tooling.verify(),
    ]


def verify(
    tooling: Tooling, bucket: s3.IBucket, place: Place, environment: str
) -> list[iam.PolicyStatement]:
    """Allow seeing what is deployed, asking it the release's examples and noting the answers."""
    endpoints = place.arn("sagemaker", f"endpoint/{names.endpoint(environment, '*')}")
    return [
        *statements.read_objects(bucket, *COPIED, "live/*", VERIFIED),
        *statements.write_objects(bucket, VERIFIED),
        tooling.verify(),
        *see_deployed(place, environment),
        statements.allow(["sagemaker:InvokeEndpoint"], [endpoints], because=OURS),
    ]


def point(
    tooling: Tooling, bucket: s3.IBucket, place: Place, environment: str
) -> list[iam.PolicyStatement]:
    """Allow moving the two pointers to a release that was verified and is deployed."""
    pointers = [
        place.arn("ssm", "parameter" + names.pointer(environment, which))
        for which in names.POINTERS
    ]
    return [
        *statements.read_objects(bucket, "releases/*", "manifests/*", VERIFIED, HISTORY),
        *statements.write_objects(bucket, HISTORY),
        tooling.verify(),
        *see_deployed(place, environment),
        statements.allow(["ssm:GetParameter", "ssm:PutParameter"], pointers),
        statements.put_metrics("Slipway/Releases"),
    ]


def see_deployed(place: Place, environment: str) -> list[iam.PolicyStatement]:
    """Allow reading what the environment's endpoints and services run."""
    cluster = names.cluster(environment)
    return [
        statements.allow(
            ["sagemaker:DescribeEndpoint"],
            [place.arn("sagemaker", f"endpoint/{names.endpoint(environment, '*')}")],
            because=OURS,
        ),
        statements.allow(
            ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
            [place.arn("sagemaker", "endpoint-config/*"), place.arn("sagemaker", "model/*")],
            because="CloudFormation names these two anew for every release; reading them is all.",
        ),
        statements.allow(
            ["ecs:DescribeServices"],
            [place.arn("ecs", f"service/{cluster}/{names.service(environment, '*')}")],
            because=OURS,
        ),
        statements.allow(
            [
                "ecs:DescribeTaskDefinition",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeLoadBalancers",
            ],
            ["*"],
            because="IAM offers no resource for these three.",
        ),
    ]
