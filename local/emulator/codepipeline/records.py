"""What is remembered of executions and actions: plain JSON, changed only under one lock."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from local.emulator.codepipeline.definition import Action, Pipeline, Stage

Record = dict[str, Any]
INTERRUPTED = "the local cloud was stopped while this ran"
OPEN = ("InProgress", "Stopping")


def new_execution(
    pipeline: Pipeline,
    definition: Mapping[str, Any],
    trigger: Mapping[str, str],
    revisions: Mapping[str, str],
    variables: Mapping[str, str],
) -> Record:
    """Return the record of an execution that begins.

    Args:
        pipeline: The pipeline.
        definition: Its definition, kept so that an update does not change what runs.
        trigger: `triggerType` and `triggerDetail`.
        revisions: Source action -> the commit it is to take.
        variables: Values of pipeline variables, over their defaults.
    """
    now = time.time()
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.version,
        "pipelineExecutionId": str(uuid.uuid4()),
        "definition": dict(definition),
        "status": "InProgress",
        "statusSummary": "",
        "trigger": dict(trigger),
        "revisions": dict(revisions),
        "artifactRevisions": [],
        "artifacts": {},
        "variables": {"variables": {**pipeline.variables, **variables}},
        "stages": {},
        "actions": [],
        "startTime": now,
        "lastUpdateTime": now,
    }


def new_action(execution: Record, stage: Stage, action: Action, token: str | None) -> Record:
    """Add the record of an action that begins to its execution and return it."""
    now = time.time()
    record: Record = {
        "actionExecutionId": str(uuid.uuid4()),
        "stageName": stage.name,
        "actionName": action.name,
        "status": "InProgress",
        "startTime": now,
        "lastUpdateTime": now,
        "provider": action.provider,
        "category": action.category,
        "namespace": action.namespace,
        "roleArn": action.role,
        "configuration": dict(action.configuration),
        "resolvedConfiguration": {},
        "inputArtifacts": list(action.inputs),
        "outputArtifacts": list(action.outputs),
        "outputVariables": {},
        "summary": "",
        "externalExecutionId": "",
        "errorDetails": None,
        "token": token,
    }
    execution["actions"].append(record)
    return record


def close(record: Record, status: str, *, summary: str = "", code: str = "") -> None:
    """End an execution's or an action's record."""
    record["status"] = status
    record["lastUpdateTime"] = time.time()
    if "actionExecutionId" in record:
        record["token"] = None
        if summary:
            record["summary"] = summary
        if status == "Failed":
            record["errorDetails"] = {"code": code or "JobFailed", "message": summary}
    elif summary:
        record["statusSummary"] = summary


def latest(execution: Record, stage: str, action: str) -> Record | None:
    """Return the last run of an action in an execution; None if it has not begun."""
    runs = [
        record
        for record in execution["actions"]
        if (record["stageName"], record["actionName"]) == (stage, action)
    ]
    return runs[-1] if runs else None


def interrupt(execution: Record) -> None:
    """Close what a killed local cloud left open."""
    for action in execution["actions"]:
        if action["status"] == "InProgress":
            close(action, "Failed", summary=INTERRUPTED, code="JobFailed")
    for stage, status in execution["stages"].items():
        if status in OPEN:
            execution["stages"][stage] = "Failed"
    close(execution, "Failed", summary=INTERRUPTED)
