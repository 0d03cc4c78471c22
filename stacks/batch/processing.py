"""The job as a SageMaker Processing job: each machine gets its own shards, by S3 key."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks import statements
from stacks.accounts import Place
from stacks.batch import policy
from stacks.batch.job import ENTRY_POINT, Call, Job

SERVICE = "sagemaker.amazonaws.com"
VOLUME_GB = 50
LOCAL_INPUT = "/opt/ml/processing/input/pairs"
MANAGED_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"


def processing_call(
    scope: Construct, job: Job, *, role: iam.Role, vpc: ec2.IVpc, place: Place, images: Place
) -> Call:
    """Give the role what SageMaker needs, and return how the job is run.

    Args:
        scope: The parent of the machines' security group.
        job: The job.
        role: The role of its machines; it must trust SageMaker.
        vpc: The network; its isolated subnets are used.
        place: Where the job runs.
        images: Where the image repositories are.
    """
    log_group = place.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    statements.grant(
        role,
        *policy.pull_image(images, job.image),
        statements.allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [log_group, f"{log_group}:*"],
            because=policy.OF_THE_SERVICE,
        ),
        statements.allow(
            [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
            because="SageMaker asks for these of a role whose job runs inside a VPC: they act on"
            " interfaces that do not exist yet, or offer no resource.",
        ),
    )
    group = ec2.SecurityGroup(
        scope,
        "JobGroup",
        vpc=vpc,
        description="Machines of the duplicates job: S3 over TLS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "S3 through its gateway")
    subnets = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    jobs = place.arn("sagemaker", f"processing-job/{job.name}-*")
    return Call(
        resource="arn:aws:states:::sagemaker:createProcessingJob.sync",
        parameters=_parameters(
            job, images.image(job.image), role.role_arn, group, subnets.subnet_ids
        ),
        permissions=(
            statements.allow(
                [
                    "sagemaker:CreateProcessingJob",
                    "sagemaker:DescribeProcessingJob",
                    "sagemaker:StopProcessingJob",
                    "sagemaker:AddTags",
                ],
                [jobs],
                because="Each run is a job of its own; its name begins like this.",
            ),
            policy.watch_by_rule(place, MANAGED_RULE),
            policy.pass_role(role, SERVICE),
        ),
    )


def _parameters(
    job: Job, image: str, role: str, group: ec2.SecurityGroup, subnets: list[str]
) -> dict[str, object]:
    return {
        # 36 characters of a UUID leave 27 of the 63 that a name may have
        "ProcessingJobName.$": f"States.Format('{job.name}-{{}}', States.UUID())",
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": list(ENTRY_POINT)},
        "Environment": dict(job.variables),
        "ProcessingInputs": [
            {
                "InputName": "pairs",
                "S3Input": {
                    "S3Uri": job.input,
                    "LocalPath": LOCAL_INPUT,
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                    "S3DataDistributionType": "ShardedByS3Key",
                },
            }
        ],
        "ProcessingResources": {
            # No VolumeKmsKeyId: instances with NVMe, such as g5, refuse it.
            "ClusterConfig": {
                "InstanceCount": job.size.shards,
                "InstanceType": job.size.instance,
                "VolumeSizeInGB": VOLUME_GB,
            }
        },
        "NetworkConfig": {
            "VpcConfig": {"SecurityGroupIds": [group.security_group_id], "Subnets": subnets}
        },
        "RoleArn": role,
        "StoppingCondition": {"MaxRuntimeInSeconds": job.timeout_seconds},
    }
