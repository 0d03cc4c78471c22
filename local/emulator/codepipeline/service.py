"""Registers CodePipeline and keeps its state over restarts."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from local.emulator.api import operations
from local.emulator.codepipeline import records
from local.emulator.codepipeline.api import CodePipeline
from local.emulator.codepipeline.engine import Engine
from local.emulator.codepipeline.records import OPEN
from local.emulator.extension import Api, Call, Registry
from local.emulator.json_api import json_api

STAGES = {
    "RetryStageExecution",
    "RollbackStage",
    "DisableStageTransition",
    "EnableStageTransition",
}
"""The operations whose resource, for IAM, is a stage."""


class PipelineService(CodePipeline):
    """CodePipeline's life: what it saves, and what it does with work that was cut off."""

    async def start(self) -> None:
        """Do nothing: executions start with a request."""

    async def stop(self) -> None:
        """Do nothing: what runs is marked as failed at the next start."""

    def save(self) -> Mapping[str, Any]:
        """Return pipelines and executions."""
        return copy.deepcopy({"pipelines": self._pipelines, "executions": self._executions})

    def load(self, state: Mapping[str, Any]) -> None:
        """Take back what was saved; executions that ran are failed, ready for a retry."""
        for name, store in (("pipelines", self._pipelines), ("executions", self._executions)):
            store.clear()
            if name in state:
                store.update(state[name])
        for execution in self._executions._data.values():
            if execution["status"] in OPEN:
                records.interrupt(execution)


def register(registry: Registry) -> None:
    """Add CodePipeline."""
    service = PipelineService(Engine())
    registry.add_api(
        Api(
            name="codepipeline",
            handler=json_api(operations(service)),
            service=service,
            target_prefix="CodePipeline_20150709.",
            resource=_resource,
        )
    )


def _resource(call: Call) -> str:
    """Return the pipeline, stage or action that a call is about."""
    body = json.loads(call.body or b"{}")
    name = body.get("pipelineName") or body.get("name") or body.get("pipeline", {}).get("name")
    if not name:
        return str(body.get("resourceArn") or "*")
    arn = f"arn:aws:codepipeline:{call.region}:{call.account}:{name}"
    if call.action == "PutApprovalResult":
        return f"{arn}/{body['stageName']}/{body['actionName']}"
    if call.action in STAGES:
        return f"{arn}/{body['stageName']}"
    return arn
