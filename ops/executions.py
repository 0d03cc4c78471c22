"""Executions of the model pipeline: which release each one made, and following one to its end."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PIPELINE = "slipway-models"
POLL_S = 2.0
SUMMARY_LIMIT = 512
STOP_REASON_LIMIT = 200
RUNNING = ("InProgress", "Queued", "Stopping")


class Stopped(Exception):
    """An execution did not succeed; the message says at which action and why."""


@dataclass(frozen=True)
class Executions:
    """The executions of one pipeline.

    Attributes:
        client: A boto3 CodePipeline client.
        pipeline: The pipeline's name.
        say: Prints a line of progress.
        poll_s: Seconds between two looks.
    """

    client: Any
    pipeline: str
    say: Callable[[str], None] = print
    poll_s: float = POLL_S

    def that_deployed(self, release: str, stage: str) -> str | None:
        """Return the newest execution that made a release and brought it through a stage."""
        pages = self.client.get_paginator("list_pipeline_executions")
        passed = {"succeededInStage": {"stageName": stage}}
        for page in pages.paginate(pipelineName=self.pipeline, filter=passed):
            for item in page["pipelineExecutionSummaries"]:
                if self.release(item["pipelineExecutionId"]) == release:
                    return str(item["pipelineExecutionId"])
        return None

    def inside(self, stage: str) -> str | None:
        """Return the execution that is in a stage now, its conditions included; None if none is."""
        for state in self.client.get_pipeline_state(name=self.pipeline)["stageStates"]:
            latest = state.get("latestExecution", {})
            if state["stageName"] == stage and latest:
                execution = str(latest["pipelineExecutionId"])
                waits = state.get("onSuccessConditionState", {}).get("latestExecution", {})
                running = "InProgress" in (latest["status"], waits.get("status"))
                return execution if running and self._status(execution) in RUNNING else None
        return None

    def stop(self, execution: str, reason: str) -> None:
        """Stop an execution and wait until it has ended."""
        self.client.stop_pipeline_execution(
            pipelineName=self.pipeline,
            pipelineExecutionId=execution,
            reason=reason[:STOP_REASON_LIMIT],
        )
        while self._status(execution) in RUNNING:
            time.sleep(self.poll_s)

    def _status(self, execution: str) -> str:
        found = self.client.get_pipeline_execution(
            pipelineName=self.pipeline, pipelineExecutionId=execution
        )
        return str(found["pipelineExecution"]["status"])

    def follow(
        self,
        execution: str,
        yes: str | None = None,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Follow an execution to its end, telling each action.

        Args:
            execution: Which one.
            yes: What is said to its approvals; None leaves them to others.
            until: Says whether enough was seen; asked after each look.

        Raises:
            Stopped: It did not succeed.
        """
        told: set[tuple[str, str]] = set()
        for actions in self.looks(execution):
            for action in actions:
                event = (action["actionExecutionId"], action["status"])
                if event not in told:
                    told.add(event)
                    self.say(f"{action['stageName']} {action['actionName']}: {action['status']}")
                if yes and waits_for_a_person(action):
                    approve(self.client, self.pipeline, action, yes)
            if until():
                return

    def looks(self, execution: str) -> Iterator[list[dict[str, Any]]]:
        """Yield an execution's actions so far, by their start, look after look until its end.

        Raises:
            Stopped: It did not succeed.
        """
        while True:
            status = self._status(execution)
            yield sorted(self._actions(execution), key=lambda item: item["startTime"])
            if status == "Succeeded":
                return
            if status not in RUNNING:
                raise Stopped(f"execution {execution} ended as {status}{self._why(execution)}")
            time.sleep(self.poll_s)

    def _actions(self, execution: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_action_executions")
        wanted = {"pipelineExecutionId": execution}
        for page in pages.paginate(pipelineName=self.pipeline, filter=wanted):
            yield from page["actionExecutionDetails"]

    def release(self, execution: str) -> str | None:
        """Return the release that an execution made; None if it made none."""
        for action in self._actions(execution):
            if action["actionName"] == "Release":
                variables = action.get("output", {}).get("outputVariables", {})
                if "RELEASE" in variables:
                    return str(variables["RELEASE"])
        return None

    def _why(self, execution: str) -> str:
        failed = [item for item in self._actions(execution) if item["status"] == "Failed"]
        if not failed:
            return ""
        return f": {failed[0]['stageName']} {failed[0]['actionName']}: {reason(failed[0])}"


def reason(action: Mapping[str, Any]) -> str:
    """Return why an action ended as it did, in a sentence."""
    result = action.get("output", {}).get("executionResult", {})
    details = result.get("errorDetails", {}).get("message")
    return str(details or result.get("externalExecutionSummary") or "see its log")


def approve(client: Any, pipeline: str, action: Mapping[str, Any], words: str) -> bool:
    """Say yes to an approval action, and return whether it waited for an answer.

    Args:
        client: A boto3 CodePipeline client.
        pipeline: The pipeline's name.
        action: Names `stageName` and `actionName`.
        words: Kept with the answer.
    """
    names = {key: action[key] for key in ("stageName", "actionName")}
    for stage in client.get_pipeline_state(name=pipeline)["stageStates"]:
        for item in stage["actionStates"]:
            token = item.get("latestExecution", {}).get("token")
            found = {"stageName": stage["stageName"], "actionName": item["actionName"]}
            if found == names and token:
                client.put_approval_result(
                    pipelineName=pipeline,
                    token=token,
                    result={"status": "Approved", "summary": words[:SUMMARY_LIMIT]},
                    **names,
                )
                return True
    return False


def waits_for_a_person(action: Mapping[str, Any]) -> bool:
    """Say whether an action is an approval that nobody has answered yet."""
    category = action.get("input", {}).get("actionTypeId", {}).get("category")
    return bool(category == "Approval" and action["status"] == "InProgress")
