"""What the containers of a SageMaker endpoint may do."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks import names, statements
from stacks.accounts import Place

RUNTIMES = {"search": "triton", "ads": "torchserve"}


def endpoint_role(
    scope: Construct,
    name: str,
    *,
    bucket: s3.IBucket,
    environment: str,
    place: Place,
    images: Place,
) -> iam.Role:
    """Make the execution role of an endpoint: it loads what is live there, and tells how it does.

    Args:
        scope: The parent.
        name: The endpoint, `search` or `ads`.
        bucket: The environment's bucket.
        environment: The environment's name.
        place: Where the endpoint is.
        images: Where the image repositories are.
    """
    role = iam.Role(
        scope,
        f"EndpointRole-{name}",
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
        description=f"Containers of endpoint {names.endpoint(environment, name)}",
    )
    log_groups = f"log-group:/aws/sagemaker/Endpoints/{names.endpoint(environment, name)}"
    statements.grant(
        role,
        *statements.read_objects(bucket, f"live/{name}/*"),
        statements.allow(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
            [images.arn("ecr", f"repository/slipway/{RUNTIMES[name]}")],
        ),
        statements.allow(["ecr:GetAuthorizationToken"], ["*"]),  # IAM offers no resource for it
        statements.allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [place.arn("logs", log_groups), place.arn("logs", f"{log_groups}:*")],
        ),
        statements.allow(
            ["cloudwatch:PutMetricData"],
            ["*"],  # metrics have no ARN; the namespace bounds it
            {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker*", "/aws/sagemaker/*"]}},
        ),
        statements.allow(
            ["cloudwatch:DescribeAlarms"],  # a rollout watches its rollback alarms under this role
            [place.arn("cloudwatch", f"alarm:{names.endpoint(environment, name)}-*")],
        ),
    )
    return role
