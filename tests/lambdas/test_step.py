import json

import pytest

from lambdas.common import step
from lambdas.common.job import Job, parse
from lambdas.common.refused import Refused
from lambdas.common.settings import required

RELEASE = "a" * 64


def test_a_pipeline_is_told_what_was_done(functions, pipeline, order, capsys):
    answer = step.run("promote_release", order(RELEASE), lambda job, log: f"did {job.release[:3]}")

    assert answer == {"status": "succeeded", "message": "did aaa"}
    assert pipeline.succeeded == {"job-1": "did aaa"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["started", "succeeded"]
    assert {line["correlation"] for line in lines} == {"execution-1"}


def test_a_pipeline_is_told_what_failed_and_why(functions, pipeline, order, capsys):
    def work(job, log):
        raise Refused("the bucket is on fire; put it out")

    step.run("promote_release", order(RELEASE), work)

    assert pipeline.failed == {"job-1": "promote_release: the bucket is on fire; put it out"}
    assert pipeline.succeeded == {}


def test_an_unforeseen_error_fails_the_job_and_leaves_its_trace_in_the_log(
    functions, pipeline, order, capsys
):
    step.run("promote_release", order(RELEASE), lambda job, log: 1 / 0)

    assert pipeline.failed == {"job-1": "promote_release: ZeroDivisionError('division by zero')"}
    assert "Traceback" in capsys.readouterr().out


def test_a_missing_setting_fails_the_job_in_place_of_hanging_it(
    functions, pipeline, order, monkeypatch
):
    monkeypatch.delenv("SLIPWAY_SIGNING_KEY")

    step.run("x", order(RELEASE), lambda job, log: required("SLIPWAY_SIGNING_KEY"))

    assert pipeline.failed["job-1"].startswith("x: SLIPWAY_SIGNING_KEY: not set")


def test_a_direct_caller_gets_the_error_itself():
    def work(job, log):
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        step.run("x", {"environment": "dev", "release": RELEASE}, work)


def test_a_digest_may_carry_its_algorithm(order):
    assert parse({"environment": "dev", "release": f"sha256:{RELEASE}"}) == Job("dev", RELEASE)
    assert parse(order(RELEASE)) == Job("dev", RELEASE, "execution-1")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({}, "parameters must be"),
        ({"environment": "dev", "release": ""}, "must be 64 hex characters"),
        ({"environment": "dev", "release": "#{Release.RELEASE}"}, "does action Release export it"),
    ],
)
def test_a_malformed_order_says_what_is_wrong(event, words):
    with pytest.raises(Refused, match=words):
        parse(event)


def test_user_parameters_that_are_not_json_fail_the_job(functions, pipeline):
    configuration = {"configuration": {"UserParameters": "dev"}}
    event = {"CodePipeline.job": {"id": "job-1", "data": {"actionConfiguration": configuration}}}

    step.run("x", event, lambda job, log: "never")

    assert pipeline.failed == {"job-1": "x: UserParameters 'dev': not JSON"}
