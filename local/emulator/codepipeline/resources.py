"""`AWS::CodePipeline::Pipeline` as CloudFormation makes, changes and removes it."""

import logging
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import gateway
from local.emulator.cloudformation.coerce import coerce
from local.emulator.cloudformation.generic import fresh_name
from local.emulator.extension import Attributes, Properties, Registry, ResourceType

LOGGER = logging.getLogger("slipway.codepipeline")
RESTART = "RestartExecutionOnUpdate"
_NOT_IN_DEFINITION = {"Tags", RESTART, "DisableInboundStageTransitions"}


def register(registry: Registry) -> None:
    """Add the resource type."""
    registry.add_type("AWS::CodePipeline::Pipeline", ResourceType(_create, _update, _delete))


def _call(operation: str, method: str, properties: Properties) -> Any:
    client = gateway.client("codepipeline")
    shape = client.meta.service_model.operation_model(operation).input_shape
    return getattr(client, method)(**coerce(shape, properties))


def _definition(properties: Properties, name: str) -> dict[str, Any]:
    definition = {k: v for k, v in properties.items() if k not in _NOT_IN_DEFINITION}
    for stage in definition["Stages"]:
        for action in stage["Actions"]:
            _keep_name(action, "ActionTypeId", "actionTypeId")
        for moment in ("BeforeEntry", "OnSuccess", "OnFailure"):
            for condition in (stage.get(moment) or {}).get("Conditions", []):
                for rule in condition.get("Rules", []):
                    _keep_name(rule, "RuleTypeId", "ruleTypeId")
    return {**definition, "Name": name}


def _keep_name(part: dict[str, Any], written: str, named: str) -> None:
    if written in part:
        part[named] = part.pop(written)


def _create(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = str(properties.get("Name") or fresh_name(stack, logical, 100))
    wanted = {"Pipeline": _definition(properties, name)}
    answer = _call("CreatePipeline", "create_pipeline", wanted)
    return name, {"Version": answer["pipeline"]["version"]}


def _update(
    physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    if new.get("Name", physical) != physical:
        return _create(logical, new, stack)
    wanted = {"Pipeline": _definition(new, physical)}
    answer = _call("UpdatePipeline", "update_pipeline", wanted)
    if str(new.get(RESTART, "false")).lower() == "true":
        _restart(physical)
    return physical, {"Version": answer["pipeline"]["version"]}


def _restart(name: str) -> None:
    """Run the newest commit again through the changed pipeline; a pipeline that never ran stays."""
    codepipeline = gateway.client("codepipeline")
    try:
        if codepipeline.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"]:
            codepipeline.start_pipeline_execution(name=name)
    except ClientError:
        LOGGER.exception("cannot restart %s after its update", name)


def _delete(physical: str, _properties: Properties) -> None:
    gateway.client("codepipeline").delete_pipeline(name=physical)
