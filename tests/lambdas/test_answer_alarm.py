"""What an alarm is answered with, and that it is answered once."""

# ruff: noqa: N803 (the names are boto3's)

import itertools
import json
from dataclasses import replace

import pytest

from catalog import audit
from lambdas.answer_alarm.handler import handle
from lambdas.answer_alarm.logic import (
    INFORMS,
    Alarm,
    Facts,
    Policy,
    Rolling,
    decide,
    turned_back,
)
from lambdas.common import clients

GOOD, BAD = "a" * 64, "b" * 64
POLICY = Policy(True, False, False, blame_minutes=30, cooldown_minutes=60)
SLOW = Alarm("slipway-dev-search-slow", "event", "too slow", "docs/runbooks/endpoint.md#slow")
DRIFTED = replace(SLOW, name="slipway-dev-search-speller-drifted")
FRESH = Facts(live=BAD, previous=GOOD, live_seconds=60.0, rolling=None, answers={})
_numbers = itertools.count()


def test_a_release_that_just_came_is_turned_back_to_the_one_before():
    decision = decide(SLOW, FRESH, POLICY)

    assert (decision.action, decision.blamed, decision.target) == ("rollback", BAD, GOOD)


def test_a_release_on_its_way_in_is_turned_back_to_what_is_live():
    rolling = Rolling("execution", "c" * 64, is_rollback=False)

    decision = decide(SLOW, replace(FRESH, rolling=rolling, live_seconds=1e6), POLICY)

    assert (decision.blamed, decision.target) == ("c" * 64, BAD)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(FRESH, live_seconds=3600.0), "not to blame"),
        (replace(FRESH, previous="none"), "no release was live before"),
        (replace(FRESH, answers={turned_back(BAD): 1e6}), "once is enough"),
        (replace(FRESH, answers={turned_back(GOOD): 1e6}), "was turned back itself"),
        (replace(FRESH, answers={"rebaseline-other": 600.0}), "cooling down"),
        (replace(FRESH, rolling=Rolling("e", GOOD, is_rollback=True)), "under way already"),
    ],
)
def test_nothing_is_turned_back_that_is_not_to_blame_or_would_flap(facts, why):
    decision = decide(SLOW, facts, POLICY)

    assert decision.action == "nothing"
    assert why in decision.why


def test_what_the_environment_did_not_ask_for_is_left_to_people():
    assert decide(SLOW, FRESH, replace(POLICY, rollback=False)).action == "nothing"
    assert decide(DRIFTED, FRESH, POLICY).action == "tell"
    assert decide(DRIFTED, FRESH, replace(POLICY, rebaseline=True)).action == "rebaseline"
    assert decide(replace(SLOW, name="slipway-dev-search-disk"), FRESH, POLICY) == INFORMS


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("slipway-dev-search-speller-errors", "rollback"),
        ("slipway-dev-search-model-errors", "rollback"),
        ("slipway-dev-search-unpromised", "tell"),
        ("slipway-dev-page", "tell"),
        ("slipway-dev-search-page", "nothing"),  # the environment's page speaks for it
        ("slipway-dev-drift-run-failed", "nothing"),  # a job's failure is no release's
        ("slipway-dev-duplicates-run-failed", "nothing"),
    ],
)
def test_each_kind_of_alarm_has_its_answer(name, action):
    assert decide(replace(SLOW, name=name), FRESH, POLICY).action == action


class FakeDelivery:
    """A pipeline whose last execution brought the bad release."""

    def __init__(self, *, running=False, fails=False):
        self.running, self.fails = running, fails
        self.stopped, self.rolled_back = [], []

    def get_pipeline_state(self, name):
        latest = {"pipelineExecutionId": "of-bad", "type": "STANDARD"}
        latest["status"] = "InProgress" if self.running else "Succeeded"
        return {"stageStates": [{"stageName": "Deploy-dev", "latestExecution": latest}]}

    def get_pipeline_execution(self, pipelineName, pipelineExecutionId):
        return {"pipelineExecution": {"status": "InProgress" if self.running else "Succeeded"}}

    def stop_pipeline_execution(self, pipelineExecutionId, **_more):
        self.stopped.append(pipelineExecutionId)
        self.running = False

    def rollback_stage(self, targetPipelineExecutionId, **_more):
        if self.fails:
            raise RuntimeError("not now")
        self.rolled_back.append(targetPipelineExecutionId)
        return {"pipelineExecutionId": "the-rollback"}

    def get_paginator(self, operation):
        self._operation = operation
        return self

    def paginate(self, pipelineName, filter):
        if "succeededInStage" in filter:
            yield {
                "pipelineExecutionSummaries": [
                    {"pipelineExecutionId": name} for name in ("of-bad", "of-good")
                ]
            }
            return
        release = {"of-bad": BAD, "of-good": GOOD}[filter["pipelineExecutionId"]]
        output = {"outputVariables": {"RELEASE": release}}
        yield {"actionExecutionDetails": [{"actionName": "Release", "output": output}]}


class FakeSystems:
    """Real SSM parameters, and OpsItems that are kept."""

    def __init__(self, ssm):
        self._ssm, self.items = ssm, []
        self.exceptions = ssm.exceptions

    def get_parameter(self, **wanted):
        return self._ssm.get_parameter(**wanted)

    def create_ops_item(self, **item):
        self.items.append(item)
        return {"OpsItemId": f"oi-{len(self.items)}"}


@pytest.fixture
def environment(cloud, s3, monkeypatch):
    """An environment whose pointer just moved to the bad release."""
    number = next(_numbers)
    bucket = f"answers-{number}"
    s3.create_bucket(Bucket=bucket)
    ssm = cloud.client("ssm")
    for which, release in (("release", BAD), ("previous", GOOD)):
        ssm.put_parameter(Name=f"/answers/{number}/{which}", Value=release, Type="String")
        monkeypatch.setenv(f"SLIPWAY_{which.upper()}_PARAMETER", f"/answers/{number}/{which}")
    monkeypatch.setenv("SLIPWAY_ENVIRONMENT", "dev")
    monkeypatch.setenv("SLIPWAY_ENVIRONMENT_BUCKET", bucket)
    monkeypatch.setenv("SLIPWAY_PIPELINE", "slipway-models")
    monkeypatch.setenv("SLIPWAY_DRIFT_MACHINE", "arn:aws:states:::stateMachine:drift")
    monkeypatch.setenv("SLIPWAY_ANSWERS", json.dumps(vars(POLICY)))
    systems = FakeSystems(ssm)

    def client(service):
        return systems if service == "ssm" else cloud.client(service)

    monkeypatch.setattr(clients, "client", client)

    def audited():
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=audit.PREFIX).get("Contents", [])
        bodies = (s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed)
        return sorted((audit.Record.from_json(body) for body in bodies), key=lambda r: r.id)

    return systems, audited


def rings(name, event):
    detail = {"alarmName": name, "state": {"value": "ALARM", "reason": "too slow"}}
    return {"id": event, "detail": detail}


def test_a_storm_of_alarms_turns_the_release_back_once(environment, monkeypatch):
    systems, audited = environment
    delivery = FakeDelivery(running=True)
    monkeypatch.setattr(clients, "delivery", lambda: delivery)

    # the pointer still names the release before: what rolls is to blame, and goes to no other
    answers = [
        handle(rings(f"slipway-dev-search-{kind}", f"event-{kind}"), None)["action"]
        for kind in ("slow", "failing", "model-errors")
    ]

    assert answers == ["rollback", "nothing", "nothing"]
    assert delivery.rolled_back == ["of-good"]
    assert delivery.stopped == ["of-bad"]
    assert [item["Source"] for item in systems.items] == ["Slipway"]
    records = audited()
    assert {record.action for record in records} == {"rollback", "nothing"}
    (done,) = [record for record in records if record.action == "rollback"]
    assert (done.before, done.after) == ({"release": BAD}, {"release": GOOD})
    assert done.who == "automatic:slipway-dev-search-slow"


def test_an_answer_that_failed_is_tried_again_with_the_same_event_alone(environment, monkeypatch):
    systems, audited = environment
    monkeypatch.setattr(clients, "delivery", lambda: FakeDelivery(fails=True))
    with pytest.raises(RuntimeError):
        handle(rings("slipway-dev-search-slow", "event-1"), None)
    assert [record.state for record in audited()] == ["failed"]
    assert len(systems.items) == 1  # people hear of it at once

    well = FakeDelivery()
    monkeypatch.setattr(clients, "delivery", lambda: well)
    assert handle(rings("slipway-dev-search-failing", "event-2"), None)["action"] == "nothing"
    assert handle(rings("slipway-dev-search-slow", "event-1"), None)["action"] == "rollback"
    assert well.rolled_back == ["of-good"]
