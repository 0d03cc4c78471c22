"""The task definition: on Fargate, or on a host of its own with all of the host's chips."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks import neuron
from stacks.acknowledge import acknowledge
from stacks.retention import log_retention
from stacks.service.hosting import ServiceHosting
from stacks.service.policy import acknowledge_starting

PORT = 8080
STOP_SECONDS = 30  # the service answers what is under way for up to 20
SCRATCH = "scratch"


def task_definition(scope: Construct, hosting: ServiceHosting) -> ecs.TaskDefinition:
    """Make the definition of a service's tasks.

    The root file system is read-only: the model is unpacked into a volume that goes with the task.
    """
    definition = _on_hosts(scope, hosting) if hosting.size.instance else _on_fargate(scope, hosting)
    definition.add_volume(name=SCRATCH)
    container = definition.add_container(
        "service",
        image=hosting.image,
        environment={"AWS_REGION": hosting.place.region, **hosting.variables},
        port_mappings=[ecs.PortMapping(container_port=PORT)],
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix="service", log_group=_log_group(scope, hosting)
        ),
        linux_parameters=_linux(scope, hosting),
        readonly_root_filesystem=True,
        stop_timeout=Duration.seconds(STOP_SECONDS),
    )
    container.add_mount_points(
        ecs.MountPoint(container_path="/tmp", source_volume=SCRATCH, read_only=False)  # noqa: S108
    )
    acknowledge(
        definition,
        "The variables name an artifact and its digest; they hold no secret.",
        "AwsSolutions-ECS2",
    )
    acknowledge_starting(definition.obtain_execution_role())
    return definition


def _on_fargate(scope: Construct, hosting: ServiceHosting) -> ecs.TaskDefinition:
    return ecs.FargateTaskDefinition(
        scope,
        "Task",
        cpu=hosting.size.cpu_units,
        memory_limit_mib=hosting.size.memory_mib,
        task_role=hosting.role,
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=ecs.CpuArchitecture.X86_64,
            operating_system_family=ecs.OperatingSystemFamily.LINUX,
        ),
    )


def _on_hosts(scope: Construct, hosting: ServiceHosting) -> ecs.TaskDefinition:
    fitting = f"attribute:ecs.instance-type == {hosting.size.instance}"
    return ecs.TaskDefinition(
        scope,
        "Task",
        compatibility=ecs.Compatibility.EC2,
        cpu=str(hosting.size.cpu_units),
        memory_mib=str(hosting.size.memory_mib),
        task_role=hosting.role,
        network_mode=ecs.NetworkMode.AWS_VPC,  # a security group of its own, as on Fargate
        placement_constraints=[ecs.PlacementConstraint.member_of(fitting)],
    )


def _linux(scope: Construct, hosting: ServiceHosting) -> ecs.LinuxParameters:
    linux = ecs.LinuxParameters(scope, "Linux", init_process_enabled=True)
    devices = neuron.devices(hosting.size.instance) if hosting.size.instance else ()
    for device in devices:
        linux.add_devices(
            ecs.Device(
                host_path=device,
                container_path=device,
                permissions=[ecs.DevicePermission.READ, ecs.DevicePermission.WRITE],
            )
        )
    if devices:
        linux.add_capabilities(ecs.Capability.IPC_LOCK)
    return linux


def _log_group(scope: Construct, hosting: ServiceHosting) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        "Logs",
        retention=log_retention(hosting.environment.retention.log_days),
        encryption_key=hosting.key,
        removal_policy=RemovalPolicy.DESTROY,
    )
