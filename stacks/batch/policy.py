"""What the machines of a batch job may do: read pairs and the model, write scores."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.artifact import Manifest
from catalog.sizes import BatchSize
from stacks import statements
from stacks.accounts import Place

INPUT = "batch/duplicates/input/"
OUTPUT = "batch/duplicates/output/"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")
NO_RESOURCE = "IAM offers no resource for this action."
REPOSITORY = "slipway/batch"
SAGEMAKER, TASKS = "sagemaker.amazonaws.com", "ecs-tasks.amazonaws.com"
ENTER_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


def output_of(manifest: Manifest) -> str:
    """Return where an artifact's scores go: a release with the same one goes on in its folder."""
    return f"{OUTPUT}{manifest.digest()}/"


def batch_role(
    scope: Construct, name: str, *, size: BatchSize, bucket: s3.IBucket, place: Place, images: Place
) -> iam.Role:
    """Make the role of a job's containers: they read pairs and the model, and write scores.

    SageMaker pulls the image, logs and enters the network under the same role.

    Args:
        scope: The parent.
        name: The job.
        size: The platform.
        bucket: The environment's bucket, with content, input and output.
        place: Where the job runs.
        images: Where the image repositories are.
    """
    hosted = size.platform == "processing"
    role = iam.Role(
        scope,
        f"BatchRole-{name}",
        assumed_by=iam.ServicePrincipal(SAGEMAKER if hosted else TASKS),
        description=f"Machines of the batch job {name}",
    )
    statements.grant(
        role,
        *statements.read_objects(bucket, "content/*", f"{INPUT}*", f"{OUTPUT}*"),
        *statements.write_objects(bucket, f"{OUTPUT}*"),
        *(hosted_by_sagemaker(place, images, REPOSITORY) if hosted else ()),
    )
    return role


def hosted_by_sagemaker(
    place: Place, images: Place, repository: str
) -> tuple[iam.PolicyStatement, ...]:
    """Allow what SageMaker does under a Processing job's role: pull, log, enter the network."""
    return (
        statements.allow(PULL, [images.arn("ecr", f"repository/{repository}")]),
        statements.allow(["ecr:GetAuthorizationToken"], ["*"], because=NO_RESOURCE),
        write_logs(place),
        enter_network(),
    )


def write_logs(place: Place) -> iam.PolicyStatement:
    """Allow the logs of Processing jobs, under which their machines' streams lie."""
    group = place.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    return statements.allow(
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        [group, f"{group}:*"],
        because="SageMaker names the streams of each machine.",
    )


def enter_network() -> iam.PolicyStatement:
    """Allow what SageMaker does under the role of a job that is inside a network."""
    return statements.allow(
        ENTER_NETWORK,
        ["*"],
        because="SageMaker asks for these of a role whose job is inside a network: they act on"
        " interfaces that do not exist yet, or offer no resource.",
    )


def run_processing(
    place: Place, name: str, role: iam.IRole, rule: str
) -> tuple[iam.PolicyStatement, ...]:
    """Allow Step Functions to run Processing jobs called `NAME-...` under a role."""
    return (
        statements.allow(
            [
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:AddTags",
            ],
            [place.arn("sagemaker", f"processing-job/{name}-*")],
            because="Each run is a job of its own; its name begins like this.",
        ),
        watch_by_rule(place, rule),
        pass_role(role, SAGEMAKER),
    )


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
