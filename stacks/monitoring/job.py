"""The drift job: SageMaker Processing on schedule, under a role that reads captures alone."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Environment
from catalog.sizes import BatchSize
from stacks import names, statements
from stacks.accounts import Place
from stacks.batch import policy
from stacks.batch.hosting import JobHosting
from stacks.batch.job import Call, Job
from stacks.batch.processing import MANAGED_RULE

CAPTURES, DRIFT, LABELS = "capture", "drift", "labels"
NAMESPACE = "Slipway/Drift"
ENTRY_POINT = ("python", "-m", "serving.drift")
VOLUME_GB = 10
TIMEOUT_MINUTES = 30
# What a start may say; without it the job looks at the hour that just ended.
ORDER = {"hours": "", "end": "", "rebaseline": ""}


def job_of(environment: Environment, image: str, variables: dict[str, str], input_: str) -> Job:
    """Return the job of an environment: one machine, by the schedule of its data."""
    wanted = environment.monitoring
    size = BatchSize(
        platform="processing",
        instance=wanted.instance,
        schedule=wanted.schedule,
        timeout_minutes=TIMEOUT_MINUTES,
    )
    name = names.drift(environment.name)
    return Job(name, image, size, input_, variables, runbook="monitoring.md#drift-job-failing")


def drift_role(scope: Construct, *, bucket: s3.IBucket, place: Place, images: Place) -> iam.Role:
    """Make the role of the job: it reads captures, labels and baselines, and writes what it found.

    Args:
        scope: The parent.
        bucket: The environment's bucket.
        place: Where the job runs.
        images: Where the image repositories are.
    """
    role = iam.Role(
        scope,
        "DriftRole",
        assumed_by=iam.ServicePrincipal(policy.SAGEMAKER),
        description="Looks for drift in what was captured",
    )
    read = ("manifests/*", "content/*", f"{CAPTURES}/*", f"{LABELS}/*", f"{DRIFT}/*")
    statements.grant(
        role,
        *statements.read_objects(bucket, *read),
        *statements.write_objects(bucket, f"{DRIFT}/*"),
        *policy.hosted_by_sagemaker(place, images, "slipway/drift"),
        statements.put_metrics(NAMESPACE),
    )
    return role


def drift_call(
    scope: Construct, *, job: Job, hosting: JobHosting, arguments: Sequence[str]
) -> Call:
    """Return how Step Functions runs the job.

    Args:
        scope: The parent of the machine's security group.
        job: The job.
        hosting: Its surroundings.
        arguments: The models that it looks at.
    """
    group = ec2.SecurityGroup(
        scope,
        "JobGroup",
        vpc=hosting.vpc,
        description="The drift job: S3 and CloudWatch over TLS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "S3 by its gateway, CloudWatch")
    subnets = hosting.vpc.select_subnets(subnet_group_name=hosting.subnets.subnet_group_name)
    size = {"InstanceCount": 1, "InstanceType": job.size.instance, "VolumeSizeInGB": VOLUME_GB}
    return Call(
        resource="arn:aws:states:::sagemaker:createProcessingJob.sync",
        parameters={
            "ProcessingJobName.$": f"States.Format('{job.name}-{{}}', States.UUID())",
            "AppSpecification": {
                "ImageUri": hosting.images.image(job.image),
                "ContainerEntrypoint": list(ENTRY_POINT),
                "ContainerArguments": list(arguments),
            },
            "Environment": {
                **job.variables,
                "SLIPWAY_DRIFT_HOURS.$": "$.order.hours",
                "SLIPWAY_DRIFT_END.$": "$.order.end",
                "SLIPWAY_REBASELINE.$": "$.order.rebaseline",
            },
            "ProcessingResources": {"ClusterConfig": size},
            "NetworkConfig": {
                "VpcConfig": {
                    "SecurityGroupIds": [group.security_group_id],
                    "Subnets": subnets.subnet_ids,
                }
            },
            "RoleArn": hosting.role.role_arn,
            "StoppingCondition": {"MaxRuntimeInSeconds": job.timeout_seconds},
        },
        permissions=policy.run_processing(hosting.place, job.name, hosting.role, MANAGED_RULE),
        defaults=ORDER,
    )
