"""What is remembered of executions and actions: plain JSON, changed only under one lock."""

import copy
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from local.emulator.codepipeline.definition import Action, Pipeline, Stage
from local.emulator.codepipeline.rules import Verdict

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
        "conditions": {},
        "retries": {},
        "actions": [],
        "startTime": now,
        "lastUpdateTime": now,
    }


def new_rollback(pipeline: Pipeline, definition: Mapping[str, Any], target: Record) -> Record:
    """Return the record of an execution that runs one stage as another execution ran it.

    It has that execution's revisions, artifacts and variables.
    """
    trigger = {"triggerType": "ManualRollback", "triggerDetail": target["pipelineExecutionId"]}
    record = new_execution(pipeline, definition, trigger, target["revisions"], {})
    for part in ("artifacts", "artifactRevisions", "variables"):
        record[part] = copy.deepcopy(target[part])
    record["rollbackTarget"] = target["pipelineExecutionId"]
    return record


def is_rollback(execution: Record) -> bool:
    """Say whether an execution turns a stage back."""
    return "rollbackTarget" in execution


def begin_condition(execution: Record, stage: str, moment: str) -> None:
    """Remember that the rules of a stage's condition are being looked at."""
    begun = {"status": "InProgress", "time": time.time(), "rules": []}
    execution.setdefault("conditions", {}).setdefault(stage, {})[moment] = begun


def is_inside(execution: Record, stage: str) -> bool:
    """Say whether an execution is in a stage: its actions run, or its conditions are looked at.

    Who waits to get in is not; whose conditions are looked at gives way when it is stopped.
    """
    if execution["stages"].get(stage) == "InProgress":
        return execution["status"] in OPEN
    conditions = execution.get("conditions", {}).get(stage, {}).values()
    looked_at = any(found["status"] == "InProgress" for found in conditions)
    return looked_at and execution["status"] == "InProgress"


def note_condition(execution: Record, stage: str, moment: str, verdicts: Sequence[Verdict]) -> None:
    """Remember how the rules of a stage's condition were found at a moment such as `onSuccess`."""
    now = time.time()
    execution.setdefault("conditions", {}).setdefault(stage, {})[moment] = {
        "status": "Succeeded" if all(item.holds for item in verdicts) else "Failed",
        "time": now,
        "rules": [
            {
                "ruleExecutionId": str(uuid.uuid4()),
                "ruleName": item.rule,
                "status": "Succeeded" if item.holds else "Failed",
                "summary": item.summary,
            }
            for item in verdicts
        ],
    }


def note_retry(execution: Record, stage: str, trigger: str) -> None:
    """Count one more try of a stage; `trigger` is AutomatedStageRetry or ManualStageRetry."""
    counts = execution.setdefault("retries", {}).setdefault(
        stage, {"autoStageRetryAttempt": 0, "manualStageRetryAttempt": 0}
    )
    kind = "auto" if trigger == "AutomatedStageRetry" else "manual"
    counts[f"{kind}StageRetryAttempt"] += 1
    counts["latestRetryTrigger"] = trigger


def turned_back(execution: Record, stage: str) -> bool:
    """Say whether an execution's success in a stage did not last: its condition did not hold."""
    found = execution.get("conditions", {}).get(stage, {}).get("onSuccess", {})
    return bool(found.get("status") == "Failed")


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
