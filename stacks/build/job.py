"""A compile as a SageMaker Processing job: for regions where CodeBuild has no A10G.

The job runs the commands of `specs/compile-gpu.yml` in the same image as the project would.
"""

from collections.abc import Sequence

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks import statements
from stacks.accounts import Place

INSTANCE = "ml.g5.xlarge"
PREFIX = "jobs/*"  # the source that a job compiles, and the reports that it writes
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
STREAMS = "SageMaker names a log stream for each machine of a job."


class CompileJob(Construct):
    """The role of the jobs, and what the project that starts them needs.

    Attributes:
        variables: Environment variables of the project.
        permissions: What the project may do.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        accelerator: str,
        image: ecr.IRepository,
        reference: str,
        store: s3.IBucket,
        place: Place,
        compile_permissions: Sequence[iam.PolicyStatement],
        minutes: int,
    ) -> None:
        """Make the role.

        Args:
            scope: The parent.
            id_: The construct id.
            accelerator: What the jobs compile for.
            image: The repository of the image that they run in.
            reference: Its tag or digest.
            store: The artifact bucket, through which the source travels.
            place: Where the tooling is.
            compile_permissions: What every compile may do.
            minutes: The longest that a job may run.
        """
        super().__init__(scope, id_)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        image.grant_pull(role)
        log_streams = place.arn("logs", f"log-group:{LOG_GROUP}:log-stream:*")
        statements.grant(
            role,
            *compile_permissions,
            *statements.read_objects(store, PREFIX),
            *statements.write_objects(store, PREFIX),
            statements.allow(
                ["logs:CreateLogGroup"], [place.arn("logs", f"log-group:{LOG_GROUP}")]
            ),
            statements.allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"], [log_streams], because=STREAMS
            ),
        )
        self.variables = {
            "SLIPWAY_JOB_IMAGE": image.repository_uri_for_tag_or_digest(reference),
            "SLIPWAY_JOB_INSTANCE": INSTANCE,
            "SLIPWAY_JOB_MINUTES": str(minutes),
            "SLIPWAY_JOB_ROLE": role.role_arn,
        }
        jobs = place.arn("sagemaker", f"processing-job/slipway-compile-{accelerator}-*")
        self.permissions = [
            *statements.read_objects(store, PREFIX),
            *statements.write_objects(store, PREFIX),
            statements.allow(
                [
                    "sagemaker:CreateProcessingJob",
                    "sagemaker:DescribeProcessingJob",
                    "sagemaker:StopProcessingJob",
                ],
                [jobs],
                because="A job is named after its build; no other jobs begin so.",
            ),
            statements.allow(
                ["iam:PassRole"],
                [role.role_arn],
                {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            ),
            statements.allow(
                ["logs:GetLogEvents", "logs:DescribeLogStreams"], [log_streams], because=STREAMS
            ),
        ]
