"""The job as an AWS Batch array job: a member on each Inferentia host, a process on each core."""

import aws_cdk as cdk
from aws_cdk import RemovalPolicy
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from catalog.instances import instance
from catalog.sizes import BatchSize
from stacks import neuron, statements
from stacks.accounts import Place
from stacks.acknowledge import acknowledge
from stacks.batch import policy
from stacks.batch.job import ENTRY_POINT, Call, Job
from stacks.hosts.construct import launch_hosts

AGENT = "service-role/AmazonEC2ContainerServiceforEC2Role"
SERVICE = "ecs-tasks.amazonaws.com"
ATTEMPTS = 3
MANAGED_RULE = "StepFunctionsGetEventsForBatchJobsRule"
SCRATCH_MIB = 4096
MIB_LEFT_TO_THE_HOST = 2048  # the agent and the system


class ArrayJob(Construct):
    """Compute environment, queue and job definition.

    Attributes:
        call: How Step Functions runs the job.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        job: Job,
        role: iam.Role,
        vpc: ec2.IVpc,
        place: Place,
        repository: ecr.IRepository,
        log_retention: logs.RetentionDays,
    ) -> None:
        """Make what runs the job.

        Args:
            scope: The parent.
            id_: The construct id.
            job: The job.
            role: The role of its containers; it must trust ECS tasks.
            vpc: The network; its isolated subnets are used.
            place: Where the job runs.
            repository: The image's repository.
            log_retention: How long logs are kept.
        """
        super().__init__(scope, id_)
        queue = batch.JobQueue(
            self,
            "Queue",
            compute_environments=[
                batch.OrderedComputeEnvironment(
                    compute_environment=self._environment(job.size, vpc, place), order=1
                )
            ],
        )
        container = self._container(job, role, repository, place.region, log_retention)
        definition = batch.EcsJobDefinition(
            self,
            "Definition",
            container=container,
            retry_attempts=ATTEMPTS,  # an attempt goes on where the last one stopped
            timeout=cdk.Duration.seconds(job.timeout_seconds),
        )
        size = job.size.shards
        array = {"ArrayProperties": {"Size": size}} if size > 1 else {}  # Batch refuses 1
        self.call = Call(
            resource="arn:aws:states:::batch:submitJob.sync",
            parameters={
                "JobName": job.name,
                "JobQueue": queue.job_queue_arn,
                "JobDefinition": definition.job_definition_arn,
                **array,
            },
            permissions=(
                statements.allow(
                    ["batch:SubmitJob"], [queue.job_queue_arn, definition.job_definition_arn]
                ),
                statements.allow(
                    ["batch:DescribeJobs", "batch:TerminateJob"], ["*"], because=policy.NO_RESOURCE
                ),
                policy.watch_by_rule(place, MANAGED_RULE),
            ),
        )

    def _environment(
        self, size: BatchSize, vpc: ec2.IVpc, place: Place
    ) -> batch.ManagedEc2EcsComputeEnvironment:
        hosts = launch_hosts(self, vpc=vpc)
        hosts.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(AGENT))
        acknowledge(
            hosts.role,
            "AWS Batch asks for this policy of its hosts.",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{AGENT}]",
        )
        image = batch.EcsMachineImage(
            # Batch knows no Neuron image: the id takes the place of the type's own
            image=ec2.MachineImage.generic_linux({place.region: size.ami}) if size.ami else None,
            image_type=batch.EcsMachineImageType.ECS_AL2023,
        )
        return batch.ManagedEc2EcsComputeEnvironment(
            self,
            "Environment",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            images=[image],
            instance_types=[ec2.InstanceType(size.instance)],
            use_optimal_instance_classes=False,
            launch_template=hosts.template,
            instance_role=hosts.role,
            security_groups=[hosts.group],
            minv_cpus=0,  # hosts cost only while a job runs
            maxv_cpus=size.shards * instance(size.instance).vcpus,
            allocation_strategy=batch.AllocationStrategy.BEST_FIT_PROGRESSIVE,
        )

    def _container(
        self,
        job: Job,
        role: iam.Role,
        repository: ecr.IRepository,
        region: str,
        retention: logs.RetentionDays,
    ) -> batch.EcsEc2ContainerDefinition:
        machine = instance(job.size.instance)
        log_group = logs.LogGroup(
            self, "Logs", retention=retention, removal_policy=RemovalPolicy.DESTROY
        )
        linux = batch.LinuxParameters(self, "Linux", init_process_enabled=True)
        for device in neuron.devices(job.size.instance):
            linux.add_devices(
                batch.Device(
                    host_path=device,
                    container_path=device,
                    permissions=[batch.DevicePermission.READ, batch.DevicePermission.WRITE],
                )
            )
        linux.add_tmpfs(
            batch.Tmpfs(container_path="/tmp", size=cdk.Size.mebibytes(SCRATCH_MIB))  # noqa: S108
        )
        cores = neuron.cores(job.size.instance)
        workers = {"SLIPWAY_WORKERS": str(cores)} if cores else {}
        return batch.EcsEc2ContainerDefinition(
            self,
            "Container",
            image=ecs.ContainerImage.from_ecr_repository(repository, job.image.split(":")[1]),
            command=list(ENTRY_POINT),
            cpu=machine.vcpus,  # one member on each host
            memory=cdk.Size.mebibytes(machine.memory_gib * 1024 - MIB_LEFT_TO_THE_HOST),
            environment={
                **job.variables,
                **workers,
                "AWS_REGION": region,
                "SLIPWAY_INPUT": job.input,
                "SLIPWAY_ARRAY_SIZE": str(job.size.shards),
            },
            job_role=role,
            linux_parameters=linux,
            logging=ecs.LogDriver.aws_logs(stream_prefix="duplicates", log_group=log_group),
            readonly_root_filesystem=True,
            # Batch cannot add IPC_LOCK; without a limit the Neuron runtime may lock its memory
            ulimits=[batch.Ulimit(name=batch.UlimitName.MEMLOCK, soft_limit=-1, hard_limit=-1)],
        )
