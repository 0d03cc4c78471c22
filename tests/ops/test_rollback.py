from datetime import UTC, datetime

import pytest

from ops.executions import Executions, Stopped
from ops.promotions import Promotion
from ops.rollback import NoWayBack, Way, roll_back, way_back

OLD, LIVE = "a" * 64, "b" * 64
WAY = Way("prod", LIVE, OLD, "execution-1")


class FakeAccount:
    def __init__(self, live=LIVE, previous=OLD, history=(OLD, LIVE)):
        self._pointers = {"release": live, "previous": previous}
        self._history = history

    def pointer(self, environment, which="release"):
        return self._pointers[which]

    def was_live(self, environment, beginning):
        found = [item for item in self._history if item.startswith(beginning)]
        return found[0] if len(found) == 1 else None


class FakeCodePipeline:
    """Two executions that deployed to prod, and a rollback that waits for a person once."""

    def __init__(self, ends="Succeeded", inside=None):
        self.ends, self.asked_back, self.approved = ends, [], []
        self.inside, self.stopped = inside, []
        self._releases = {"execution-1": OLD, "execution-2": LIVE}

    def get_paginator(self, operation):
        class Pages:
            paginate = staticmethod(getattr(self, operation))

        return Pages

    def list_pipeline_executions(self, pipelineName, filter):  # noqa: N803 (boto3's names)
        assert filter == {"succeededInStage": {"stageName": "Deploy-prod"}}
        yield {
            "pipelineExecutionSummaries": [
                {"pipelineExecutionId": name} for name in ("execution-2", "execution-1")
            ]
        }

    def list_action_executions(self, pipelineName, filter):  # noqa: N803
        execution = filter["pipelineExecutionId"]
        if execution in self._releases:
            output = {"outputVariables": {"RELEASE": self._releases[execution]}}
            yield {"actionExecutionDetails": [self._action("Register", "Release", output=output)]}
            return
        status = "Succeeded" if self.approved else "InProgress"
        approve = self._action("Deploy-prod", "Approve", status=status)
        approve["input"] = {"actionTypeId": {"category": "Approval"}}
        details = {"executionResult": {"errorDetails": {"message": "it answers wrongly"}}}
        last = "Failed" if self.ends == "Failed" else "Succeeded"
        verify = self._action("Deploy-prod", "Verify", status=last, output=details)
        yield {"actionExecutionDetails": [approve, verify] if self.approved else [approve]}

    def _action(self, stage, name, status="Succeeded", output=None):
        return {
            "stageName": stage,
            "actionName": name,
            "actionExecutionId": f"{stage}-{name}",
            "status": status,
            "startTime": datetime.now(UTC),
            "output": output or {},
        }

    def rollback_stage(self, **words):
        self.asked_back.append(words)
        return {"pipelineExecutionId": "execution-3"}

    def get_pipeline_execution(self, pipelineName, pipelineExecutionId):  # noqa: N803
        if pipelineExecutionId == "execution-2" and self.stopped:
            return {"pipelineExecution": {"status": "Stopped"}}
        return {"pipelineExecution": {"status": self.ends if self.approved else "InProgress"}}

    def get_pipeline_state(self, name):
        action = {"actionName": "Approve", "latestExecution": {"token": "token-1"}}
        state = {"stageName": "Deploy-prod", "actionStates": [action]}
        if self.inside:
            latest = {"pipelineExecutionId": "execution-2", "status": self.inside}
            waits = {"latestExecution": {"status": "InProgress"}}
            state |= {"latestExecution": latest, "onSuccessConditionState": waits}
        return {"stageStates": [state]}

    def stop_pipeline_execution(self, **words):
        assert not self.asked_back, "CodePipeline rolls no running stage back"
        self.stopped.append((words["pipelineExecutionId"], words["reason"]))

    def put_approval_result(self, **words):
        self.approved.append(words)


def executions(client, lines=None):
    say = lines.append if lines is not None else lambda line: None
    return Executions(client, "slipway-models", say, poll_s=0)


def test_the_way_back_leads_over_the_execution_that_brought_the_release_before():
    assert way_back(FakeAccount(), executions(FakeCodePipeline()), "prod") == WAY


def test_any_release_that_was_live_can_be_named_by_the_beginning_of_its_digest():
    assert way_back(FakeAccount(), executions(FakeCodePipeline()), "prod", "aaaa") == WAY


@pytest.mark.parametrize(
    ("account", "wanted", "words"),
    [
        (FakeAccount(previous="none"), None, "no release was live before"),
        (FakeAccount(), "ffff", "'ffff' was never live"),
        (FakeAccount(), LIVE[:12], "is live already"),
        (FakeAccount(history=("c" * 64,)), "cc", "brought release cccccccccccc: deploy it by hand"),
    ],
)
def test_where_there_is_no_way_back_the_reason_and_what_is_left_are_told(account, wanted, words):
    with pytest.raises(NoWayBack, match=words):
        way_back(account, executions(FakeCodePipeline()), "prod", wanted)


def test_a_release_that_was_turned_away_comes_back_only_by_its_name():
    moves = [moved(OLD), moved(OLD), moved(LIVE), moved(OLD)]
    account = FakeAccount(live=OLD, previous=LIVE)

    with pytest.raises(NoWayBack, match=f"itself a return from {LIVE[:12]}"):
        way_back(account, executions(FakeCodePipeline()), "prod", moves=moves)
    assert way_back(account, executions(FakeCodePipeline()), "prod", LIVE, moves).target == LIVE


def moved(release):
    now = datetime.now(UTC)
    return Promotion("prod", "execution", release, now, now, "Succeeded", now)


def test_the_stage_runs_again_and_the_operators_yes_answers_its_approval():
    client, lines = FakeCodePipeline(), []

    roll_back(WAY, executions(client, lines), "p99 doubled")

    assert client.asked_back == [
        {
            "pipelineName": "slipway-models",
            "stageName": "Deploy-prod",
            "targetPipelineExecutionId": "execution-1",
        }
    ]
    assert client.approved[0]["result"]["summary"] == "rollback: p99 doubled"
    assert lines[-1] == "Deploy-prod Verify: Succeeded"


def test_an_execution_that_is_in_the_stage_still_is_stopped_first():
    client = FakeCodePipeline(inside="Succeeded")  # its alarms are being watched

    roll_back(WAY, executions(client), "p99 doubled")

    assert client.stopped == [("execution-2", "rollback: p99 doubled")]
    assert len(client.asked_back) == 1


def test_a_rollback_that_fails_says_at_which_step_and_why():
    with pytest.raises(Stopped, match="ended as Failed: Deploy-prod Verify: it answers wrongly"):
        roll_back(WAY, executions(FakeCodePipeline(ends="Failed")), "why not")
