"""What the containers of a SageMaker endpoint may do."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.images import served_in
from stacks import names, statements
from stacks.accounts import Place
from stacks.endpoint.config import CAPTURES

RUNTIMES = {"search": "triton", "ads": "torchserve"}


def endpoint_role(
    scope: Construct,
    name: str,
    *,
    bucket: s3.IBucket,
    environment: str,
    place: Place,
    images: Place,
    accelerator: str,
) -> iam.Role:
    """Make the execution role of an endpoint: it loads what is live there, and tells how it does.

    Args:
        scope: The parent.
        name: The endpoint, `search` or `ads`.
        bucket: The environment's bucket.
        environment: The environment's name.
        place: Where the endpoint is.
        images: Where the image repositories are.
        accelerator: What computes there: each chip has an image of its own.
    """
    endpoint = names.endpoint(environment, name)
    role = iam.Role(
        scope,
        f"EndpointRole-{name}",
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
        description=f"Containers of endpoint {endpoint}",
    )
    statements.grant(
        role,
        *statements.read_objects(bucket, f"live/{name}/*"),
        *statements.write_objects(bucket, f"{CAPTURES}/{endpoint}/*"),
        *_pull(images, served_in(RUNTIMES[name], accelerator)),
        *_tell(place, endpoint),
        *_join_network(place),
        *_encrypt_disks(bucket.encryption_key),
    )
    return role


def _pull(images: Place, runtime: str) -> list[iam.PolicyStatement]:
    return [
        statements.allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            [images.arn("ecr", f"repository/slipway/{runtime}")],
        ),
        statements.allow(
            ["ecr:GetAuthorizationToken"], ["*"], because="IAM offers no resource for it."
        ),
    ]


def _tell(place: Place, endpoint: str) -> list[iam.PolicyStatement]:
    group = place.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{endpoint}")
    spaces: dict[str, object] = {
        "StringLike": {"cloudwatch:namespace": ["AWS/SageMaker*", "/aws/sagemaker/*"]}
    }
    return [
        statements.allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [group, f"{group}:*"],
            because="The streams of one log group, which SageMaker names.",
        ),
        statements.allow(
            ["cloudwatch:PutMetricData"],
            ["*"],
            spaces,
            because="Metrics have no ARN; a condition bounds the namespace.",
        ),
        statements.allow(
            ["cloudwatch:DescribeAlarms"],  # a rollout watches its rollback alarms under this role
            ["*"],
            because="CloudWatch authorises the listing as a whole, whichever alarms it names.",
        ),
    ]


def _join_network(place: Place) -> list[iam.PolicyStatement]:
    """Allow what puts containers into subnets."""
    kinds = ("network-interface", "subnet", "security-group")
    return [
        statements.allow(
            [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            [place.arn("ec2", f"{kind}/*") for kind in kinds],
            because="SageMaker makes network interfaces anew for every machine.",
        ),
        statements.allow(
            [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
            because="IAM offers no resource for them.",
        ),
    ]


def _encrypt_disks(key: kms.IKey | None) -> list[iam.PolicyStatement]:
    """Allow a grant on the key to the disks of the endpoint's machines, and to them alone."""
    if key is None:
        return []
    for_aws: dict[str, object] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        statements.allow(["kms:CreateGrant"], [key.key_arn], for_aws),
        statements.allow(["kms:DescribeKey"], [key.key_arn]),
    ]
