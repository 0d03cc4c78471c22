"""AWS Batch: compute environments, queues, and job definitions, whose every change is a revision.

MiniStack's own API keeps no retries and time-outs and deletes nothing: both are done here.
"""

from typing import Any

from ministack.services import batch

from local.emulator import gateway
from local.emulator.cloudformation.coerce import coerce
from local.emulator.cloudformation.generic import fresh_name
from local.emulator.extension import Attributes, Properties, Registry, ResourceType

MAX_NAME = 128


def register(registry: Registry) -> None:
    """Add the types."""
    registry.add_type(
        "AWS::Batch::ComputeEnvironment",
        ResourceType(_create_environment, _replace_environment, _delete_environment),
    )
    registry.add_type(
        "AWS::Batch::JobQueue", ResourceType(_create_queue, _change_queue, _delete_queue)
    )
    registry.add_type(
        "AWS::Batch::JobDefinition",
        ResourceType(_create_definition, _change_definition, _delete_definition),
    )


def _call(operation: str, method: str, properties: Properties) -> Any:
    client = gateway.client("batch")
    shape = client.meta.service_model.operation_model(operation).input_shape
    return getattr(client, method)(**coerce(shape, properties))


def _create_environment(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = properties.get("ComputeEnvironmentName") or fresh_name(stack, logical, MAX_NAME)
    wanted = {
        key: value
        for key, value in properties.items()
        if key not in {"ReplaceComputeEnvironment", "UpdatePolicy"}
    }
    arn = _call(
        "CreateComputeEnvironment",
        "create_compute_environment",
        {**wanted, "Type": str(wanted["Type"]).upper(), "ComputeEnvironmentName": name},
    )["computeEnvironmentArn"]
    return arn, {"ComputeEnvironmentArn": arn}


def _replace_environment(
    physical: str, old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    if old == new:
        return physical, {"ComputeEnvironmentArn": physical}
    return _create_environment(logical, new, stack)


def _delete_environment(physical: str, _properties: Properties) -> None:
    batch._compute_envs.pop(_name(physical), None)


def _create_queue(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = properties.get("JobQueueName") or fresh_name(stack, logical, MAX_NAME)
    arn = _call("CreateJobQueue", "create_job_queue", {**properties, "JobQueueName": name})[
        "jobQueueArn"
    ]
    return arn, {"JobQueueArn": arn}


def _change_queue(
    physical: str, _old: Properties, new: Properties, _stack: str, _logical: str
) -> tuple[str, Attributes]:
    shape = gateway.client("batch").meta.service_model.operation_model("UpdateJobQueue").input_shape
    changed = {key: value for key, value in new.items() if key != "JobQueueName"}
    batch._job_queues[_name(physical)].update(coerce(shape, changed))
    return physical, {"JobQueueArn": physical}


def _delete_queue(physical: str, _properties: Properties) -> None:
    batch._job_queues.pop(_name(physical), None)


def _create_definition(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = str(properties.get("JobDefinitionName") or fresh_name(stack, logical, MAX_NAME))
    return _revise(name, properties)


def _change_definition(
    physical: str, old: Properties, new: Properties, _stack: str, _logical: str
) -> tuple[str, Attributes]:
    if old == new:
        return physical, {"JobDefinitionArn": physical}
    return _revise(_name(physical).partition(":")[0], new)


def _revise(name: str, properties: Properties) -> tuple[str, Attributes]:
    shape = gateway.client("batch").meta.service_model.operation_model("RegisterJobDefinition")
    wanted = coerce(shape.input_shape, {**properties, "JobDefinitionName": name})
    arn = str(gateway.client("batch").register_job_definition(**wanted)["jobDefinitionArn"])
    for key in ("retryStrategy", "timeout"):
        if key in wanted:
            batch._job_definitions[name][-1][key] = wanted[key]
    return arn, {"JobDefinitionArn": arn}


def _delete_definition(physical: str, _properties: Properties) -> None:
    name, _, revision = _name(physical).partition(":")
    for definition in batch._job_definitions.get(name) or []:
        if str(definition["revision"]) == revision:
            definition["status"] = "INACTIVE"


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
