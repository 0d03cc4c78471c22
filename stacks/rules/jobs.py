"""Rules on what runs and ends: Processing jobs, AWS Batch, state machines."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stacks.rules.machines import is_inferentia
from stacks.rules.rule import Finding, rule
from stacks.rules.services import NEURON
from stacks.rules.template import Resource, Template, text

ENDED_IMAGES = ("ECS_AL2", "ECS_AL2_NVIDIA", "EKS_AL2", "EKS_AL2_NVIDIA")


@rule(
    why="Processing has no Inferentia at all, Training and Batch Transform no Inf1, and the job is"
    " refused when it is started",
    instead="use AWS Batch on inf1.6xlarge, or Processing on a cpu or g5 type",
    source="SageMaker API reference: ProcessingInstanceType, TransformInstanceType",
)
def job_machine(template: Template) -> Iterator[Finding]:
    """A SageMaker job on Inferentia."""
    for job in template.of("SageMaker::ProcessingJob"):
        kind = text(job.get("ProcessingResources.ClusterConfig.InstanceType"))
        if is_inferentia(kind):
            yield Finding(job, "ProcessingResources", f"a Processing job asks for {kind}")
    for machine, states in _machines(template):
        for name, state in states:
            resource = text(state.get("Resource"))
            if "sagemaker:create" not in resource:
                continue
            for kind in _values(state, "InstanceType"):
                if is_inferentia(kind):
                    found = f"state {name} starts {resource.split(':')[-1]} on {kind}"
                    yield Finding(machine, "DefinitionString", found)


@rule(
    why="AWS Batch makes no new environment of Amazon Linux 2 since 2026-06-30",
    instead="set ImageType to ECS_AL2023 or ECS_AL2023_NVIDIA",
    source="AWS Batch user guide and API reference: Ec2Configuration.imageType",
)
def batch_image_ended(template: Template) -> Iterator[Finding]:
    """AWS Batch on Amazon Linux 2."""
    for environment in template.of("Batch::ComputeEnvironment"):
        for item in environment.items("ComputeResources.Ec2Configuration"):
            if item.get("ImageType") in ENDED_IMAGES:
                found = f"the environment's image type is {item.get('ImageType')}"
                yield Finding(environment, "ComputeResources.Ec2Configuration", found)


@rule(
    why="AWS Batch has no Neuron image type: hosts boot without a driver, and the job finds no"
    " device",
    instead="set Ec2Configuration.ImageIdOverride to the pinned id of the ECS Neuron image",
    source="AWS Batch API reference: Ec2Configuration",
)
def batch_neuron_image(template: Template) -> Iterator[Finding]:
    """AWS Batch on Inferentia without imageIdOverride."""
    for environment in template.of("Batch::ComputeEnvironment"):
        types = [text(item) for item in environment.get("ComputeResources.InstanceTypes") or []]
        images = environment.items("ComputeResources.Ec2Configuration")
        pinned = images and all(item.get("ImageIdOverride") for item in images)
        if any(is_inferentia(kind) for kind in types) and not pinned:
            found = f"an environment on {', '.join(types)} boots Batch's own image"
            yield Finding(environment, "ComputeResources.Ec2Configuration", found)


@rule(
    why="Batch knows GPUs, CPUs and memory but no Neuron chips, so that a job without the devices"
    " starts and finds none",
    instead="list /dev/neuron0 to /dev/neuronN in LinuxParameters.Devices",
    source="ECS developer guide: ecs-inference-task-def; AWS Batch API reference",
)
def batch_neuron_devices(template: Template) -> Iterator[Finding]:
    """A Batch job of a stack whose environments are all on Inferentia, without devices."""
    kinds = [
        text(kind)
        for environment in template.of("Batch::ComputeEnvironment")
        for kind in environment.get("ComputeResources.InstanceTypes") or []
    ]
    if not kinds or not all(is_inferentia(kind) for kind in kinds):
        return
    for job in template.of("Batch::JobDefinition"):
        devices = _values(job.body.get("Properties", {}), "HostPath")
        if not any(path.startswith(NEURON) for path in devices):
            yield Finding(job, "ContainerProperties.LinuxParameters.Devices", "no Neuron device")


@rule(
    why="Fargate has no devices, and Batch says so only when the definition is registered",
    instead="use platform EC2",
    source="AWS Batch user guide: fargate-job-definitions",
)
def batch_fargate_devices(template: Template) -> Iterator[Finding]:
    """A Batch job on Fargate with devices."""
    for job in template.of("Batch::JobDefinition"):
        on_fargate = "FARGATE" in (job.get("PlatformCapabilities") or [])
        if on_fargate and _values(job.body.get("Properties", {}), "HostPath"):
            found = "a job on Fargate lists devices"
            yield Finding(job, "ContainerProperties.LinuxParameters.Devices", found)


@rule(
    why="the execution is ended before its waits are over, in the middle of whatever it was moving",
    instead="raise TimeoutSeconds above the sum of the Wait states, loops included",
    source="Amazon States Language: TimeoutSeconds",
)
def state_machine_timeout(template: Template) -> Iterator[Finding]:
    """A state machine whose time-out does not lie above its waits."""
    for machine in template.of("StepFunctions::StateMachine"):
        document = _definition(machine)
        limit = document.get("TimeoutSeconds")
        waits = sum(
            state["Seconds"]
            for _, state in _states(document)
            if state.get("Type") == "Wait" and isinstance(state.get("Seconds"), int)
        )
        if isinstance(limit, int) and limit <= waits:
            found = f"the machine waits {waits} s and must end within {limit} s"
            yield Finding(machine, "DefinitionString", found)


def _machines(template: Template) -> Iterator[tuple[Resource, list[tuple[str, Mapping[str, Any]]]]]:
    for machine in template.of("StepFunctions::StateMachine"):
        yield machine, list(_states(_definition(machine)))


def _definition(machine: Resource) -> Mapping[str, Any]:
    given = machine.get("Definition")
    if isinstance(given, Mapping):
        return given
    try:
        document = json.loads(text(machine.get("DefinitionString")))
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _states(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield all states of a definition, those of branches and maps too."""
    if isinstance(document, list):
        for item in document:
            yield from _states(item)
    elif isinstance(document, Mapping):
        yield from (document.get("States") or {}).items()
        for value in document.values():
            yield from _states(value)


def _values(value: Any, key: str) -> list[str]:
    """Return every value of a key, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in _values(item, key)]
    if not isinstance(value, Mapping):
        return []
    own = [text(value[key])] if key in value else []
    return own + [found for item in value.values() for found in _values(item, key)]
