"""Executions and actions in the shapes that CodePipeline's API answers with."""

from collections.abc import Iterable
from typing import Any

from local.emulator.codepipeline.definition import Pipeline
from local.emulator.codepipeline.records import Record, latest


def execution_summary(execution: Record) -> Record:
    """Return an entry of ListPipelineExecutions."""
    return {
        "pipelineExecutionId": execution["pipelineExecutionId"],
        "status": execution["status"],
        "statusSummary": execution["statusSummary"],
        "startTime": execution["startTime"],
        "lastUpdateTime": execution["lastUpdateTime"],
        "trigger": execution["trigger"],
        "executionMode": execution["definition"].get("executionMode", "SUPERSEDED"),
        **_type(execution),
        "sourceRevisions": [
            {
                "actionName": item["name"],
                "revisionId": item["revisionId"],
                "revisionSummary": item["revisionSummary"],
            }
            for item in execution["artifactRevisions"]
        ],
    }


def execution_detail(execution: Record) -> Record:
    """Return the answer of GetPipelineExecution."""
    return {
        "pipelineName": execution["pipelineName"],
        "pipelineVersion": execution["pipelineVersion"],
        "pipelineExecutionId": execution["pipelineExecutionId"],
        "status": execution["status"],
        "statusSummary": execution["statusSummary"],
        "artifactRevisions": execution["artifactRevisions"],
        "variables": [
            {"name": name, "resolvedValue": value}
            for name, value in execution["variables"]["variables"].items()
        ],
        "trigger": execution["trigger"],
        "executionMode": execution["definition"].get("executionMode", "SUPERSEDED"),
        **_type(execution),
    }


def _type(execution: Record) -> Record:
    target = execution.get("rollbackTarget")
    if target is None:
        return {"executionType": "STANDARD"}
    metadata = {"rollbackTargetPipelineExecutionId": target}
    return {"executionType": "ROLLBACK", "rollbackMetadata": metadata}


def action_detail(execution: Record, action: Record) -> Record:
    """Return an entry of ListActionExecutions."""
    result = {
        "externalExecutionId": action["externalExecutionId"],
        "externalExecutionSummary": action["summary"],
        "externalExecutionUrl": action.get("externalExecutionUrl", ""),
    }
    if action["errorDetails"]:
        result["errorDetails"] = action["errorDetails"]
    return {
        "pipelineExecutionId": execution["pipelineExecutionId"],
        "actionExecutionId": action["actionExecutionId"],
        "pipelineVersion": execution["pipelineVersion"],
        "stageName": action["stageName"],
        "actionName": action["actionName"],
        "startTime": action["startTime"],
        "lastUpdateTime": action["lastUpdateTime"],
        "status": action["status"],
        "input": {
            "actionTypeId": {
                "category": action["category"],
                "owner": "AWS",
                "provider": action["provider"],
                "version": "1",
            },
            "configuration": action["configuration"],
            "resolvedConfiguration": action["resolvedConfiguration"],
            "roleArn": action["roleArn"] or "",
            "namespace": action["namespace"] or "",
            "inputArtifacts": _artifacts(execution, action["inputArtifacts"]),
        },
        "output": {
            "outputArtifacts": _artifacts(execution, action["outputArtifacts"]),
            "executionResult": result,
            "outputVariables": action["outputVariables"],
        },
    }


def _artifacts(execution: Record, names: Iterable[str]) -> list[Record]:
    found = []
    for name in names:
        place = execution["artifacts"].get(name)
        entry: Record = {"name": name}
        if place:
            entry["s3location"] = place
        found.append(entry)
    return found


def pipeline_state(
    pipeline: Pipeline, executions: Iterable[Record], shut: Record | None = None
) -> list[Record]:
    """Return the stage states of GetPipelineState.

    Args:
        pipeline: The pipeline.
        executions: Its executions, oldest first.
        shut: The stages whose inbound transition is disabled.
    """
    runs = list(executions)
    return [
        {
            "stageName": stage.name,
            "inboundTransitionState": _transition((shut or {}).get(stage.name)),
            "actionStates": [
                {"actionName": action.name, **_latest_action(stage.name, action.name, runs)}
                for action in stage.actions
            ],
            **_latest_stage(stage.name, runs),
        }
        for stage in pipeline.stages
    ]


def _transition(shut: Record | None) -> Record:
    if shut is None:
        return {"enabled": True}
    return {"enabled": False, "disabledReason": shut["reason"], "lastChangedAt": shut["at"]}


def _latest_stage(stage: str, runs: list[Record]) -> Record:
    for execution in reversed(runs):
        if stage in execution["stages"]:
            found: Record = {
                "latestExecution": {
                    "pipelineExecutionId": execution["pipelineExecutionId"],
                    "status": execution["stages"][stage],
                    "type": _type(execution)["executionType"],
                }
            }
            for moment, state in execution.get("conditions", {}).get(stage, {}).items():
                found[f"{moment}ConditionState"] = _condition(state)
            retries = execution.get("retries", {}).get(stage)
            return found | ({"retryStageMetadata": retries} if retries else {})
    return {}


def _condition(state: Record) -> Record:
    latest_run = {"status": state["status"], "lastStatusChange": state["time"]}
    rules = [
        {
            "ruleName": rule["ruleName"],
            "latestExecution": {
                "ruleExecutionId": rule["ruleExecutionId"],
                "status": rule["status"],
                "summary": rule["summary"],
                "lastStatusChange": state["time"],
            },
        }
        for rule in state["rules"]
    ]
    return {
        "latestExecution": {"status": state["status"]},
        "conditionStates": [{"latestExecution": latest_run, "ruleStates": rules}],
    }


def _latest_action(stage: str, name: str, runs: list[Record]) -> Record:
    for execution in reversed(runs):
        action = latest(execution, stage, name)
        if action:
            found: dict[str, Any] = {
                "actionExecutionId": action["actionExecutionId"],
                "status": action["status"],
                "summary": action["summary"],
                "lastStatusChange": action["lastUpdateTime"],
                "externalExecutionId": action["externalExecutionId"],
            }
            if action["token"]:
                found["token"] = action["token"]
            if action["errorDetails"]:
                found["errorDetails"] = action["errorDetails"]
            return {"latestExecution": found}
    return {}
