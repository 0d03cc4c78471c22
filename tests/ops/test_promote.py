import pytest

from ops.executions import Executions
from ops.promote import NoWayForward, go, way_forward

LIVE, NEW, OLD = "a" * 64, "b" * 64, "c" * 64


class FakeAccount:
    environments = ("dev", "prod")

    def __init__(self, dev=NEW, prod=LIVE):
        self.pointers = {"dev": dev, "prod": prod}

    def pointer(self, environment, which="release"):
        return self.pointers[environment]

    def was_live(self, environment, beginning):
        return OLD if OLD.startswith(beginning) else None


class FakeCodePipeline:
    """A pipeline in which an execution of a release stands in a stage of prod."""

    def __init__(self, stage="Approve-prod", status="InProgress", reason=None):
        self.stage, self.status, self.reason, self.asked = stage, status, reason, []

    def get_pipeline_state(self, name):
        states = []
        for stage in ("Approve-prod", "Deploy-prod"):
            state = {"stageName": stage, "actionStates": []}
            if stage == self.stage:
                latest = {"pipelineExecutionId": "execution-2", "status": self.status}
                state["latestExecution"] = latest
                action = {"actionName": "Approve", "latestExecution": {"token": "token-1"}}
                state["actionStates"] = [action]
            shut = stage == "Deploy-prod" and self.reason
            inbound = {"enabled": not shut, "disabledReason": self.reason}
            states.append(state | {"inboundTransitionState": inbound})
        return {"stageStates": states}

    def get_paginator(self, operation):
        class Pages:
            paginate = staticmethod(getattr(self, operation))

        return Pages

    def list_action_executions(self, pipelineName, filter):  # noqa: N803 (boto3's names)
        release = {"execution-1": OLD, "execution-2": NEW}[filter["pipelineExecutionId"]]
        output = {"outputVariables": {"RELEASE": release}}
        action = {"actionName": "Release", "stageName": "Register", "output": output}
        more = {"actionExecutionId": "1", "status": "Succeeded", "startTime": 0}
        yield {"actionExecutionDetails": [action | more]}

    def list_pipeline_executions(self, pipelineName, filter):  # noqa: N803
        yield {"pipelineExecutionSummaries": [{"pipelineExecutionId": "execution-1"}]}

    def get_pipeline_execution(self, pipelineName, pipelineExecutionId):  # noqa: N803
        return {"pipelineExecution": {"status": "InProgress"}}

    def put_approval_result(self, **words):
        self.asked.append(("approve", words["stageName"], words["result"]["summary"]))

    def retry_stage_execution(self, **words):
        self.asked.append(("retry", words["stageName"], words["retryMode"]))


def executions(client):
    return Executions(client, "slipway-models", lambda line: None, poll_s=0)


@pytest.mark.parametrize(
    ("client", "wanted", "means", "stage"),
    [
        (FakeCodePipeline(), None, "approve", "Approve-prod"),
        (FakeCodePipeline("Deploy-prod", "Failed"), None, "retry", "Deploy-prod"),
        (FakeCodePipeline(), "cccc", "again", "Deploy-prod"),
    ],
)
def test_a_release_goes_on_from_where_it_stands(client, wanted, means, stage):
    way = way_forward(FakeAccount(), executions(client), "prod", wanted)

    assert (way.means, way.stage) == (means, stage)
    assert way.release == (OLD if wanted else NEW)


@pytest.mark.parametrize(
    ("account", "client", "wanted", "words"),
    [
        (FakeAccount(), FakeCodePipeline(reason="sale"), None, r"paused \(sale\): `ops resume`"),
        (FakeAccount(dev=LIVE), FakeCodePipeline(), None, "is live already"),
        (FakeAccount(dev="none"), FakeCodePipeline(), None, "dev serves no release yet"),
        (FakeAccount(), FakeCodePipeline(), "dddd", "push its commit"),
    ],
)
def test_where_nothing_can_go_on_the_reason_is_told(account, client, wanted, words):
    with pytest.raises(NoWayForward, match=words):
        way_forward(account, executions(client), "prod", wanted)


def test_an_approval_carries_the_operators_reason_and_is_followed_until_it_is_live():
    client, looks = FakeCodePipeline(), iter([False, True])
    way = way_forward(FakeAccount(), executions(client), "prod")

    go(way, executions(client), "looked at staging", lambda: next(looks))

    assert client.asked == [("approve", "Approve-prod", "promote: looked at staging")]


def test_a_failed_stage_is_tried_again_where_it_failed():
    client = FakeCodePipeline("Deploy-prod", "Failed")
    way = way_forward(FakeAccount(), executions(client), "prod")

    go(way, executions(client), "capacity is back", lambda: True)

    assert client.asked == [("retry", "Deploy-prod", "FAILED_ACTIONS")]
