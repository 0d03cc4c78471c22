"""Rules on ECS: devices, deployment strategies, host images."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.rules.machines import family
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Resource, Template, text

NEURON = "/dev/neuron"
INFERENCE = "ECS developer guide: ecs-inference"


@rule(
    why="Fargate has no devices, no GPUs and of the capabilities only SYS_PTRACE, and refuses the"
    " task definition at deployment",
    instead="run the tasks on an EC2 capacity provider",
    source=f"{INFERENCE}; fargate-tasks-services",
)
def fargate_devices(template: Template) -> Iterator[Finding]:
    """A Fargate task with devices, GPUs or IPC_LOCK."""
    for task in template.of("ECS::TaskDefinition"):
        if "FARGATE" not in (task.get("RequiresCompatibilities") or []):
            continue
        for container in task.items("ContainerDefinitions"):
            linux = container.get("LinuxParameters", {})
            added = set(linux.get("Capabilities", {}).get("Add", [])) - {"SYS_PTRACE"}
            gpu = [item for item in container.get("ResourceRequirements", []) if item]
            if linux.get("Devices") or added or gpu:
                found = f"container {text(container.get('Name'))} of a Fargate task wants a device"
                yield Finding(task, "ContainerDefinitions.LinuxParameters", found)


@rule(
    why="a Neuron task is made for one instance type and needs locked memory; placed elsewhere it"
    " does not start, again and again",
    instead="add IPC_LOCK and the placement constraint memberOf `attribute:ecs.instance-type =="
    " inf1.xlarge`",
    source=INFERENCE,
)
def neuron_task(template: Template) -> Iterator[Finding]:
    """A Neuron task without IPC_LOCK or without a placement on one instance type."""
    for task in template.of("ECS::TaskDefinition"):
        for container in task.items("ContainerDefinitions"):
            if not _neuron_devices(container):
                continue
            added = container.get("LinuxParameters", {}).get("Capabilities", {}).get("Add", [])
            placed = [text(item.get("Expression")) for item in task.items("PlacementConstraints")]
            lacking = [] if "IPC_LOCK" in added else ["IPC_LOCK"]
            if not any("ecs.instance-type" in expression for expression in placed):
                lacking.append("a placement on its instance type")
            if lacking:
                name = text(container.get("Name"))
                found = f"container {name} uses Neuron without {' and '.join(lacking)}"
                yield Finding(task, "ContainerDefinitions.LinuxParameters", found)


@rule(
    why="the circuit breaker works with ROLLING only, so that a failing deployment of another"
    " strategy goes on",
    instead="remove DeploymentCircuitBreaker and use alarms and lifecycle hooks, or Strategy"
    " ROLLING",
    source="ECS API reference: DeploymentCircuitBreaker",
)
def breaker_strategy(template: Template) -> Iterator[Finding]:
    """A circuit breaker with blue/green, linear or canary deployments."""
    for service in template.of("ECS::Service"):
        strategy = service.get("DeploymentConfiguration.Strategy", "ROLLING")
        breaker = service.get("DeploymentConfiguration.DeploymentCircuitBreaker.Enable")
        if breaker and strategy != "ROLLING":
            yield Finding(
                service,
                "DeploymentConfiguration.DeploymentCircuitBreaker",
                f"the service has a circuit breaker and strategy {strategy}",
            )


@rule(
    why="a deployment that fails is then stopped and left as it is, half of it new",
    instead="set Rollback to true beside Enable",
    source="ECS developer guide: deployment-circuit-breaker, deployment-alarm-failure",
)
def failure_without_rollback(template: Template) -> Iterator[Finding]:
    """A circuit breaker or deployment alarms without rollback."""
    for service in template.of("ECS::Service"):
        for part in ("DeploymentCircuitBreaker", "Alarms"):
            given = service.get(f"DeploymentConfiguration.{part}", {})
            if given.get("Enable") and not given.get("Rollback"):
                at = f"DeploymentConfiguration.{part}"
                yield Finding(service, at, f"{part} stops a deployment and does not turn it back")


@rule(
    why="a newer Neuron host image may drop the driver that Inf1 needs, and new hosts would boot"
    " without one",
    instead="pin the image's id and refresh it deliberately",
    source="aws/amazon-ecs-ami, scripts/al2023/neuron/neuron-inf1-downgrade.sh",
)
def inf1_host_pinned(template: Template) -> Iterator[Finding]:
    """Inf1 hosts whose image follows the newest one."""
    parameters = template.document.get("Parameters", {})
    for launch in template.of("EC2::LaunchTemplate", "AutoScaling::LaunchConfiguration"):
        prefix = "LaunchTemplateData." if launch.kind.endswith("Template") else ""
        image = launch.get(f"{prefix}ImageId")
        if family(text(launch.get(f"{prefix}InstanceType"))) != "inf1":
            continue
        default = (
            text(parameters.get(image.get("Ref", ""), {}).get("Default"))
            if isinstance(image, Mapping)
            else text(image)
        )
        if not default.startswith("ami-"):
            found = f"hosts on inf1 boot from {default or text(image)}"
            yield Finding(launch, f"{prefix}ImageId", found)


@rule(
    why="Amazon Linux 2 ended on 2026-06-30: its images get no more fixes and in time disappear",
    instead="use the amazon-linux-2023 path",
    source="ECS developer guide: ecs-optimized_AMI",
)
def host_image_ended(template: Template) -> Iterator[Finding]:
    """Hosts that boot from an Amazon Linux 2 image."""
    launches = list(template.of("EC2::LaunchTemplate", "AutoScaling::LaunchConfiguration"))
    for name, parameter in template.document.get("Parameters", {}).items():
        path = text(parameter.get("Default"))
        if "ecs/optimized-ami/amazon-linux-2/" in path:
            for launch in launches:
                if _refers(launch, name):
                    yield Finding(launch, "ImageId", f"hosts boot from {path}")


def _refers(resource: Resource, parameter: str) -> bool:
    images = [resource.get("ImageId"), resource.get("LaunchTemplateData.ImageId")]
    return {"Ref": parameter} in images


def _neuron_devices(container: Mapping[str, Any]) -> list[str]:
    devices = container.get("LinuxParameters", {}).get("Devices", [])
    paths = [text(device.get("HostPath")) for device in devices]
    return [path for path in paths if path.startswith(NEURON)]
