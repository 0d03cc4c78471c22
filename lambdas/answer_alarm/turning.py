"""How a stage of the pipeline goes back: as an operator's rollback does it."""

import time
from dataclasses import dataclass
from typing import Any

from lambdas.answer_alarm.logic import Decision, Rolling
from lambdas.common import stage
from lambdas.common.refused import Refused
from lambdas.common.stage import OPEN

POLL_S = 1.0
PATIENCE_S = 780.0  # below the function's own limit, so that it still tells why


@dataclass(frozen=True)
class Pipeline:
    """One pipeline and the stage of one environment.

    Attributes:
        client: A boto3 CodePipeline client, in the account that the pipeline is in.
        name: The pipeline.
        stage: The stage.
    """

    client: Any
    name: str
    stage: str

    def rolling(self) -> Rolling | None:
        """Return the execution that is in the stage now, if any."""
        latest = self._latest()
        if latest.get("status") not in OPEN:
            return None
        identifier = str(latest["pipelineExecutionId"])
        return Rolling(
            identifier, self._release(identifier) or "", latest.get("type") == "ROLLBACK"
        )

    def start(self) -> str:
        """Run the pipeline from its source; return the execution's id."""
        return str(self.client.start_pipeline_execution(name=self.name)["pipelineExecutionId"])

    def turn_back(self, decision: Decision, reason: str) -> str:
        """Stop what carries a release, and run the stage again with the one to go back to.

        Returns:
            The id of the rollback's execution.

        Raises:
            Refused: No execution of this version of the pipeline brought that release, or the
                stage does not come to rest.
        """
        target = self._that_deployed(decision.target)
        if target is None:
            raise Refused(
                f"no execution of {self.name} since its last change brought release"
                f" {decision.target[:12]}: deploy it by hand, docs/runbooks/monitoring.md#by-hand"
            )
        self._stop(decision.blamed, reason)
        started = self.client.rollback_stage(
            pipelineName=self.name, stageName=self.stage, targetPipelineExecutionId=target
        )
        return str(started["pipelineExecutionId"])

    def _stop(self, release: str, reason: str) -> None:
        """Stop the execution that carries a release, and wait until the stage is at rest.

        What runs is let come to its end: a deployment that is cut off leaves stacks in between.
        """
        latest = self._latest()
        identifier = str(latest.get("pipelineExecutionId", ""))
        if not identifier or self._release(identifier) != release:
            return
        wanted = {"pipelineName": self.name, "pipelineExecutionId": identifier}
        found = self.client.get_pipeline_execution(**wanted)["pipelineExecution"]
        if found["status"] == "InProgress":
            try:
                self.client.stop_pipeline_execution(**wanted, abandon=False, reason=reason[:200])
            except self.client.exceptions.PipelineExecutionNotStoppableException:
                return  # it ended meanwhile
        deadline = time.monotonic() + PATIENCE_S
        while self._latest().get("status") in OPEN:
            if time.monotonic() > deadline:
                raise Refused(f"stage {self.stage} did not come to rest: roll it back by hand")
            time.sleep(POLL_S)

    def _latest(self) -> dict[str, Any]:
        return stage.latest(self.client, self.name, self.stage)

    def _that_deployed(self, release: str) -> str | None:
        """Return the newest execution that brought a release through the stage."""
        pages = self.client.get_paginator("list_pipeline_executions")
        passed = {"succeededInStage": {"stageName": self.stage}}
        for page in pages.paginate(pipelineName=self.name, filter=passed):
            for item in page["pipelineExecutionSummaries"]:
                standard = item.get("executionType", "STANDARD") == "STANDARD"
                if standard and self._release(item["pipelineExecutionId"]) == release:
                    return str(item["pipelineExecutionId"])
        return None

    def _release(self, execution: str) -> str | None:
        """Return the release that an execution made, or that a rollback goes back to."""
        pages = self.client.get_paginator("list_action_executions")
        wanted = {"pipelineExecutionId": execution}
        for page in pages.paginate(pipelineName=self.name, filter=wanted):
            for action in page["actionExecutionDetails"]:
                variables = action.get("output", {}).get("outputVariables", {})
                if action["actionName"] == "Release" and "RELEASE" in variables:
                    return str(variables["RELEASE"])
        return None
