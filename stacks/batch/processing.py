"""The job as a SageMaker Processing job: each machine gets its own shards, by S3 key."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from stacks.batch import policy
from stacks.batch.hosting import JobHosting
from stacks.batch.job import ENTRY_POINT, Call, Job

VOLUME_GB = 50
LOCAL_INPUT = "/opt/ml/processing/input/pairs"
MANAGED_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"


def processing_call(scope: Construct, *, job: Job, hosting: JobHosting) -> Call:
    """Return how the job is run.

    Args:
        scope: The parent of the machines' security group.
        job: The job.
        hosting: Its surroundings.
    """
    group = ec2.SecurityGroup(
        scope,
        "JobGroup",
        vpc=hosting.vpc,
        description="Machines of a job: S3 over TLS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "S3 through its gateway")
    subnets = hosting.vpc.select_subnets(subnet_group_name=hosting.subnets.subnet_group_name)
    return Call(
        resource="arn:aws:states:::sagemaker:createProcessingJob.sync",
        parameters=_parameters(job, hosting, group, subnets.subnet_ids),
        permissions=policy.run_processing(hosting.place, job.name, hosting.role, MANAGED_RULE),
    )


def _parameters(
    job: Job, hosting: JobHosting, group: ec2.SecurityGroup, subnets: list[str]
) -> dict[str, object]:
    return {
        # 36 characters of a UUID leave 26 of the 63 that a name may have
        "ProcessingJobName.$": f"States.Format('{job.name}-{{}}', States.UUID())",
        "AppSpecification": {
            "ImageUri": hosting.images.image(job.image),
            "ContainerEntrypoint": list(ENTRY_POINT),
        },
        "Environment": {**job.variables, "SLIPWAY_INPUT": LOCAL_INPUT},
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
        "RoleArn": hosting.role.role_arn,
        "StoppingCondition": {"MaxRuntimeInSeconds": job.timeout_seconds},
    }
