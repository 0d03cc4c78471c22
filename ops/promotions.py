"""What the pipeline did to an environment: promotions and rollbacks, newest first."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST = 200  # actions that are looked at: some twenty executions
POINT = "Point"


@dataclass(frozen=True)
class Promotion:
    """One execution's way through an environment's stage.

    Attributes:
        environment: Which environment.
        execution: The pipeline's execution.
        release: What it brought; empty if its actions do not say.
        began: When its first action began, in UTC.
        ended: When its last action ended.
        status: `Succeeded`, `Failed` or `InProgress`.
        moved: When the pointer moved, if it did.
        by: Who approved it, or the ARN under which it ran; empty if nobody is named.
    """

    environment: str
    execution: str
    release: str
    began: datetime
    ended: datetime
    status: str
    moved: datetime | None
    by: str = ""


def promotions(client: Any, pipeline: str, environment: str) -> list[Promotion]:
    """Return the last promotions and rollbacks of an environment, newest first.

    Args:
        client: A boto3 CodePipeline client.
        pipeline: The model pipeline.
        environment: Which environment.
    """
    pages = client.get_paginator("list_action_executions").paginate(
        pipelineName=pipeline, PaginationConfig={"MaxItems": MOST}
    )
    stages = {f"Deploy-{environment}", f"Approve-{environment}"}
    actions = [
        action
        for page in pages
        for action in page["actionExecutionDetails"]
        if action["stageName"] in stages
    ]
    return of_actions(actions, environment)


def of_actions(actions: Iterable[Mapping[str, Any]], environment: str) -> list[Promotion]:
    """Return promotions from the actions of an environment's stages."""
    by_execution: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for action in actions:
        by_execution[action["pipelineExecutionId"]].append(action)
    found = [_promotion(run, environment) for run in by_execution.values()]
    return sorted((item for item in found if item), key=lambda item: item.began, reverse=True)


def _promotion(run: Sequence[Mapping[str, Any]], environment: str) -> Promotion | None:
    steps = [item for item in run if item["stageName"] == f"Deploy-{environment}"]
    if not steps:
        return None  # it only waits for approval
    last: dict[str, Mapping[str, Any]] = {}
    for step in sorted(steps, key=lambda item: item["startTime"]):
        last[step["actionName"]] = step  # of those that were tried again, the last
    states = {step["status"] for step in last.values()}
    status = next((word for word in ("Failed", "InProgress") if word in states), "Succeeded")
    pointed = last.get(POINT, {})
    done = pointed.get("status") == "Succeeded"
    return Promotion(
        environment=environment,
        execution=str(run[0]["pipelineExecutionId"]),
        release=next(filter(None, map(_release, steps)), ""),
        began=min(step["startTime"] for step in steps).astimezone(UTC),
        ended=max(step["lastUpdateTime"] for step in steps).astimezone(UTC),
        status=status,
        moved=pointed["lastUpdateTime"].astimezone(UTC) if done else None,
        by=next((_approver(item) for item in run if _approver(item)), ""),
    )


def _release(action: Mapping[str, Any]) -> str:
    """Return the release that a Lambda action of the stage was told, if it is one."""
    given = action.get("input", {}).get("resolvedConfiguration", {}).get("UserParameters", "")
    try:
        return str(json.loads(given)["release"])
    except (ValueError, KeyError, TypeError):
        return ""


def _approver(action: Mapping[str, Any]) -> str:
    category = action.get("input", {}).get("actionTypeId", {}).get("category")
    return str(action.get("updatedBy", "")) if category == "Approval" else ""
