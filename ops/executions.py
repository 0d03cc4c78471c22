"""Executions of the model pipeline: which release each one made, and following one to its end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

POLL_S = 2.0
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
                if self._release(item["pipelineExecutionId"]) == release:
                    return str(item["pipelineExecutionId"])
        return None

    def follow(self, execution: str, approve: str | None = None) -> None:
        """Follow an execution to its end, telling each action.

        Args:
            execution: Which one.
            approve: What is said to its approvals; None leaves them to others.

        Raises:
            Stopped: It did not succeed.
        """
        told: set[tuple[str, str]] = set()
        while True:
            found = self.client.get_pipeline_execution(
                pipelineName=self.pipeline, pipelineExecutionId=execution
            )["pipelineExecution"]
            for action in sorted(self._actions(execution), key=lambda item: item["startTime"]):
                event = (action["actionExecutionId"], action["status"])
                if event not in told:
                    told.add(event)
                    self.say(f"{action['stageName']} {action['actionName']}: {action['status']}")
                if approve and _waits_for_a_person(action):
                    self._approve(action, approve)
            if found["status"] == "Succeeded":
                return
            if found["status"] not in RUNNING:
                raise Stopped(
                    f"execution {execution} ended as {found['status']}{self._why(execution)}"
                )
            time.sleep(self.poll_s)

    def _actions(self, execution: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_action_executions")
        wanted = {"pipelineExecutionId": execution}
        for page in pages.paginate(pipelineName=self.pipeline, filter=wanted):
            yield from page["actionExecutionDetails"]

    def _release(self, execution: str) -> str | None:
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
        result = failed[0].get("output", {}).get("executionResult", {})
        details = result.get("errorDetails", {}).get("message") or ""
        summary = details or result.get("externalExecutionSummary") or "read its log"
        return f": {failed[0]['stageName']} {failed[0]['actionName']}: {summary}"

    def _approve(self, action: dict[str, Any], words: str) -> None:
        state = self.client.get_pipeline_state(name=self.pipeline)
        for stage in state["stageStates"]:
            for item in stage["actionStates"]:
                names = stage["stageName"], item["actionName"]
                token = item.get("latestExecution", {}).get("token")
                if names == (action["stageName"], action["actionName"]) and token:
                    self.client.put_approval_result(
                        pipelineName=self.pipeline,
                        stageName=names[0],
                        actionName=names[1],
                        token=token,
                        result={"status": "Approved", "summary": words[:512]},
                    )


def _waits_for_a_person(action: dict[str, Any]) -> bool:
    category = action.get("input", {}).get("actionTypeId", {}).get("category")
    return bool(category == "Approval" and action["status"] == "InProgress")
