"""What the machines of a batch job may do: read pairs and the model, write scores."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.artifact import Manifest
from stacks import statements
from stacks.accounts import Place

INPUT = "batch/duplicates/input/"
OUTPUT = "batch/duplicates/output/"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
NO_RESOURCE = "IAM offers no resource for this action."
OF_THE_SERVICE = "The service names these streams, jobs and rules; their prefix is the bound."


def output_of(manifest: Manifest) -> str:
    """Return where an artifact's scores go: a release with the same one goes on in its folder."""
    return f"{OUTPUT}{manifest.digest()}/"


def job_role(scope: Construct, id_: str, *, principal: str, bucket: s3.IBucket) -> iam.Role:
    """Make the role that the container's code has.

    Args:
        scope: The parent.
        id_: The construct id.
        principal: The service that runs the container.
        bucket: The environment's bucket, with content, input and output.
    """
    role = iam.Role(
        scope,
        id_,
        assumed_by=iam.ServicePrincipal(principal),
        description="The duplicates job: reads pairs and the model, writes scores",
    )
    statements.grant(
        role,
        *statements.read_objects(bucket, "content/*", f"{INPUT}*", f"{OUTPUT}*"),
        *statements.write_objects(bucket, f"{OUTPUT}*"),
    )
    return role


def pull_image(images: Place, image: str) -> list[iam.PolicyStatement]:
    """Allow pulling one repository's images."""
    repository = image.split(":", maxsplit=1)[0]
    return [
        statements.allow(PULL, [images.arn("ecr", f"repository/{repository}")]),
        statements.allow(["ecr:GetAuthorizationToken"], ["*"], because=NO_RESOURCE),
    ]


def watch_by_rule(place: Place, rule: str) -> iam.PolicyStatement:
    """Allow Step Functions its managed rule, by which it learns how a job ended."""
    return statements.allow(
        ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        [place.arn("events", f"rule/{rule}")],
    )


def pass_role(role: iam.IRole, service: str) -> iam.PolicyStatement:
    """Allow handing one role to one service."""
    return statements.allow(
        ["iam:PassRole"],
        [role.role_arn],
        {"StringEquals": {"iam:PassedToService": service}},
    )
