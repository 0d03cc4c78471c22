"""Gather a report's facts from AWS: pointers, the live release's documents, the last execution."""

from typing import Any

from ops.account import Account
from ops.report.facts import Facts, Pointer, Step


def gather(account: Account, environment: str) -> Facts:
    """Return the facts about the release that an environment serves.

    Raises:
        NothingLive: The environment serves no release yet.
    """
    pointers = tuple(
        Pointer(name, account.pointer(name), account.pointer(name, "previous"))
        for name in account.environments
    )
    execution, steps = _last_execution(account)
    context = account.context(environment, account.live_release(environment))
    return Facts(environment, context, pointers, execution, steps)


def _last_execution(account: Account) -> tuple[str, tuple[Step, ...]]:
    client: Any = account.client("codepipeline")
    pipeline = account.output("slipway-tooling", "Pipeline")
    found = client.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
    done = [item for item in found if item["status"] == "Succeeded"] or found
    if not done:
        return "", ()
    execution = done[0]["pipelineExecutionId"]
    details = client.list_action_executions(
        pipelineName=pipeline, filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]
    steps = [
        Step(
            stage=item["stageName"],
            action=item["actionName"],
            status=item["status"],
            start=item["startTime"],
            end=item.get("lastUpdateTime") if item["status"] != "InProgress" else None,
        )
        for item in details
    ]
    return execution, tuple(sorted(steps, key=lambda step: step.start))
