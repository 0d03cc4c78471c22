"""The job as an AWS Batch array job: a member on each host, a process on each of its cores."""

import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.instances import instance
from catalog.sizes import BatchSize
from stacks import neuron, statements
from stacks.acknowledge import acknowledge
from stacks.batch import policy
from stacks.batch.hosting import JobHosting
from stacks.batch.job import ATTEMPTS, ENTRY_POINT, Call, Job
from stacks.hosts.construct import launch_hosts
from stacks.service.policy import acknowledge_starting

AGENT = "service-role/AmazonEC2ContainerServiceforEC2Role"
MANAGED_RULE = "StepFunctionsGetEventsForBatchJobsRule"
SCRATCH_MIB = 4096
MIB_LEFT_TO_THE_HOST = 2048  # the agent and the system


class ArrayJob(Construct):
    """Compute environment, queue and job definition.

    Attributes:
        call: How Step Functions runs the job.
    """

    def __init__(self, scope: Construct, id_: str, *, job: Job, hosting: JobHosting) -> None:
        """Make what runs the job."""
        super().__init__(scope, id_)
        self._job, self._hosting = job, hosting
        environment = self._environment(job.size)
        queue = batch.JobQueue(
            self,
            "Queue",
            compute_environments=[
                batch.OrderedComputeEnvironment(compute_environment=environment, order=1)
            ],
        )
        definition = batch.EcsJobDefinition(
            self,
            "Definition",
            container=self._container(),
            retry_attempts=ATTEMPTS,  # an attempt goes on where the last one stopped
            timeout=cdk.Duration.seconds(job.timeout_seconds),
        )
        size = job.size.shards
        array = {"ArrayProperties": {"Size": size}} if size > 1 else {}  # Batch refuses 1
        submitted = [queue.job_queue_arn, definition.job_definition_arn]
        self.call = Call(
            resource="arn:aws:states:::batch:submitJob.sync",
            parameters={
                "JobName": job.name,
                "JobQueue": queue.job_queue_arn,
                "JobDefinition": definition.job_definition_arn,
                **array,
            },
            permissions=(
                statements.allow(["batch:SubmitJob"], submitted),
                statements.allow(
                    ["batch:DescribeJobs", "batch:TerminateJob"], ["*"], because=policy.NO_RESOURCE
                ),
                policy.watch_by_rule(hosting.place, MANAGED_RULE),
            ),
        )

    def _environment(self, size: BatchSize) -> batch.ManagedEc2EcsComputeEnvironment:
        hosting = self._hosting
        hosts = launch_hosts(self, vpc=hosting.vpc)
        hosts.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(AGENT))
        acknowledge(
            hosts.role,
            "AWS Batch asks for this policy of its hosts.",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{AGENT}]",
        )
        pinned = ec2.MachineImage.generic_linux({hosting.place.region: size.ami or ""})
        return batch.ManagedEc2EcsComputeEnvironment(
            self,
            "Environment",
            vpc=hosting.vpc,
            vpc_subnets=hosting.subnets,
            images=[
                batch.EcsMachineImage(
                    # Batch knows no Neuron image: the id takes the place of the type's own
                    image=pinned if size.ami else None,
                    image_type=batch.EcsMachineImageType.ECS_AL2023,
                )
            ],
            instance_types=[ec2.InstanceType(size.instance)],
            use_optimal_instance_classes=False,
            launch_template=hosts.template,
            instance_role=hosts.role,
            security_groups=[hosts.group],
            minv_cpus=0,  # hosts cost only while a job runs
            maxv_cpus=size.shards * instance(size.instance).vcpus,
            allocation_strategy=batch.AllocationStrategy.BEST_FIT_PROGRESSIVE,
        )

    def _container(self) -> batch.EcsEc2ContainerDefinition:
        job, hosting = self._job, self._hosting
        machine, cores = instance(job.size.instance), neuron.cores(job.size.instance)
        execution = iam.Role(
            self,
            "ExecutionRole",
            assumed_by=iam.ServicePrincipal(policy.TASKS),
            description=f"Starts containers of {job.name}",
        )
        made = batch.EcsEc2ContainerDefinition(
            self,
            "Container",
            image=ecs.ContainerImage.from_ecr_repository(*self._image()),
            command=list(ENTRY_POINT),
            cpu=machine.vcpus,  # one member on each host
            memory=cdk.Size.mebibytes(machine.memory_gib * 1024 - MIB_LEFT_TO_THE_HOST),
            environment={
                **job.variables,
                **({"SLIPWAY_WORKERS": str(cores)} if cores else {}),
                **neuron.runtime(job.size.instance, 1),
                "AWS_REGION": hosting.place.region,
                "SLIPWAY_INPUT": job.input,
                "SLIPWAY_ARRAY_SIZE": str(job.size.shards),
            },
            execution_role=execution,
            job_role=hosting.role,
            linux_parameters=self._linux(),
            logging=ecs.LogDriver.aws_logs(stream_prefix="job", log_group=hosting.log_group(self)),
            readonly_root_filesystem=True,
            # Batch cannot add IPC_LOCK; without a limit the Neuron runtime may lock its memory
            ulimits=[batch.Ulimit(name=batch.UlimitName.MEMLOCK, soft_limit=-1, hard_limit=-1)],
        )
        acknowledge_starting(execution)
        return made

    def _image(self) -> tuple[ecr.IRepository, str]:
        name, tag = self._job.image.split(":")
        repository = ecr.Repository.from_repository_attributes(
            self,
            "Image",
            repository_arn=self._hosting.images.arn("ecr", f"repository/{name}"),
            repository_name=name,
        )
        return repository, tag

    def _linux(self) -> batch.LinuxParameters:
        linux = batch.LinuxParameters(self, "Linux", init_process_enabled=True)
        for device in neuron.devices(self._job.size.instance):
            linux.add_devices(
                batch.Device(
                    host_path=device,
                    container_path=device,
                    permissions=[batch.DevicePermission.READ, batch.DevicePermission.WRITE],
                )
            )
        scratch = cdk.Size.mebibytes(SCRATCH_MIB)
        linux.add_tmpfs(batch.Tmpfs(container_path="/tmp", size=scratch))  # noqa: S108
        return linux
