from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.journey import say
from local.journey.follow import Follower
from ops.executions import Stopped

START = datetime(2026, 11, 21, tzinfo=UTC)


class Pipeline:
    """A pipeline whose execution moves on by one recorded state a poll."""

    def __init__(self, *states: tuple[str, list[dict[str, Any]]]) -> None:
        self.states = list(states)
        self.approvals: list[dict[str, Any]] = []
        self.unready = 0

    def get_pipeline_execution(self, **_: Any) -> dict[str, Any]:
        if len(self.states) > 1:
            self.states.pop(0)
        return {"pipelineExecution": {"status": self.states[0][0]}}

    def get_paginator(self, operation: str) -> "Pipeline":
        assert operation == "list_action_executions"
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"actionExecutionDetails": self.states[0][1]}]

    def get_pipeline_state(self, **_: Any) -> dict[str, Any]:
        self.unready -= 1
        latest = {"token": "token-1"} if self.unready < 0 else {}
        actions = [{"actionName": "Approve", "latestExecution": latest}]
        return {"stageStates": [{"stageName": "Deploy-prod", "actionStates": actions}]}

    def put_approval_result(self, **arguments: Any) -> None:
        self.approvals.append(arguments)


def action(stage: str, name: str, status: str, category: str = "Build", **result: Any) -> dict:
    return {
        "stageName": stage,
        "actionName": name,
        "actionExecutionId": f"{stage}-{name}",
        "status": status,
        "startTime": START,
        "lastUpdateTime": START + timedelta(seconds=2),
        "input": {"actionTypeId": {"category": category}},
        "output": {"executionResult": result},
    }


def follow(pipeline: Pipeline, tmp_path, approve: bool = True) -> None:
    Follower(pipeline, "slipway-models", "execution-1", tmp_path, approve, poll_s=0).run()


def test_each_stage_is_told_once_and_each_action_with_its_seconds(tmp_path):
    done = [action("Plan", "Plan", "Succeeded")]
    pipeline = Pipeline(
        ("InProgress", []),
        ("InProgress", [action("Plan", "Plan", "InProgress")]),
        ("InProgress", done),
        ("Succeeded", done),
    )

    with say.console.capture() as capture:
        follow(pipeline, tmp_path)

    assert capture.get().count("which models have no artifact") == 1
    assert capture.get().count("Plan done in 2.0 s") == 1


def test_a_build_log_is_shown_as_it_grows_and_no_line_twice(tmp_path):
    (tmp_path / "slipway-plan-1234.log").write_text("embedding  hit\nhalf a li")
    running = [action("Plan", "Plan", "InProgress", externalExecutionId="slipway-plan:1234")]
    pipeline = Pipeline(("InProgress", []), ("InProgress", running), ("InProgress", running))
    pipeline.states.append(("Succeeded", running))

    with say.console.capture() as capture:
        follow(pipeline, tmp_path)

    assert capture.get().count("embedding  hit") == 1
    assert "half a li" not in capture.get()


def test_a_failed_action_says_why_and_ends_the_journey(tmp_path):
    (tmp_path / "slipway-deploy-77.log").write_text("cdk: AccessDenied\n")
    failed = action(
        "Deploy-dev",
        "Deploy",
        "Failed",
        externalExecutionId="slipway-deploy:77",
        errorDetails={"message": "exit status 1"},
    )
    pipeline = Pipeline(("InProgress", []), ("Failed", [failed]))

    with say.console.capture() as capture, pytest.raises(Stopped, match="ended as Failed"):
        follow(pipeline, tmp_path)

    assert "Deploy failed: exit status 1" in capture.get()
    assert "cdk: AccessDenied" in capture.get()


@pytest.mark.parametrize("approve", [True, False])
def test_an_approval_is_given_only_on_the_persons_behalf(tmp_path, approve):
    waiting = [action("Deploy-prod", "Approve", "InProgress", "Approval")]
    done = [action("Deploy-prod", "Approve", "Succeeded", "Approval")]
    pipeline = Pipeline(("InProgress", []), ("InProgress", waiting), ("Succeeded", done))

    with say.console.capture():
        follow(pipeline, tmp_path, approve)

    tokens = [given["token"] for given in pipeline.approvals]
    assert tokens == (["token-1"] if approve else [])


def test_an_approval_that_cannot_be_answered_yet_is_answered_later(tmp_path):
    waiting = [action("Deploy-prod", "Approve", "InProgress", "Approval")]
    done = [action("Deploy-prod", "Approve", "Succeeded", "Approval")]
    pipeline = Pipeline(*[("InProgress", waiting)] * 4, ("Succeeded", done))
    pipeline.unready = 2

    with say.console.capture():
        follow(pipeline, tmp_path)

    assert [given["token"] for given in pipeline.approvals] == ["token-1"]
