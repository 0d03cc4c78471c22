import pytest
from botocore.exceptions import ClientError

from lambdas.common.promotion import history
from lambdas.common.refused import Refused
from lambdas.point_release.handler import handle as point
from lambdas.promote_release.handler import handle as promote
from lambdas.verify_release import aws
from lambdas.verify_release.handler import handle as verify
from tests.lambdas.fakes import call


@pytest.fixture
def pointers(cloud, functions):
    def read():
        ssm = cloud.client("ssm")
        names = [functions[f"SLIPWAY_{which}_PARAMETER"] for which in ("RELEASE", "PREVIOUS")]
        return tuple(ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in names)

    return read


def test_a_deployed_release_that_answers_rightly_is_verified_and_pointed_at(
    deploy, place, pointers
):
    release = deploy()

    seen = verify(call(release), None)
    moved = point(call(release), None)

    assert seen["message"].endswith("4 models gave 4 right answers")
    assert moved["message"] == f"dev is at release {release[:12]}, was none"
    assert pointers() == (release, "none")
    assert place.exists(history(release))


def test_the_release_before_is_kept_and_pointing_again_changes_nothing(deploy, pointers):
    first = deploy()
    verify(call(first), None)
    point(call(first), None)
    second = deploy(speller={"content": "better"})
    verify(call(second), None)

    point(call(second), None)
    point(call(second), None)

    assert pointers() == (second, first)


def test_a_release_that_was_live_can_be_deployed_verified_and_pointed_at_again(deploy, pointers):
    first = deploy()
    verify(call(first), None)
    point(call(first), None)
    second = deploy(speller={"content": "better"})
    verify(call(second), None)
    point(call(second), None)

    deploy(first)
    verify(call(first), None)
    point(call(first), None)

    assert pointers() == (first, second)


def test_the_pointer_does_not_move_to_a_release_that_was_not_verified(deploy, pointers):
    release = deploy()

    with pytest.raises(Exception, match="was not verified in what is live in dev now"):
        point(call(release), None)
    assert pointers() == ("none", "none")


def test_a_verification_does_not_hold_for_a_later_deployment(deploy, platform, pointers):
    release = deploy()
    verify(call(release), None)
    platform.endpoints["search"]["config"] = "made-by-somebody-since"

    with pytest.raises(Exception, match="run verify_release"):
        point(call(release), None)
    assert pointers() == ("none", "none")


def test_an_endpoint_that_still_serves_the_old_release_fails_and_is_named(
    deploy, released, order, pipeline
):
    old = deploy()
    new = released(speller={"content": "better"})
    promote(call(new), None)

    verify(order(new), None)

    message = pipeline.failed["job-1"]
    assert f"release {new[:12]} is not live" in message
    assert f"live/search/{old}/cpu/, this release lies under" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.endpoints["ads"].update(status="Updating"), "endpoint ads: status Updating"),
        (
            lambda p: p.endpoints["ads"].update(image="x/slipway/torchserve:other"),
            "endpoint ads: r",
        ),
        (lambda p: p.services["intent"].update(rollout="IN_PROGRESS"), "has not settled"),
        (lambda p: p.services["intent"].update(archive="0" * 64), "service intent: task:00000000"),
    ],
)
def test_a_live_state_that_does_not_fit_is_refused(deploy, platform, change, words):
    release = deploy()
    change(platform)

    with pytest.raises(Exception, match=words):
        verify(call(release), None)


@pytest.mark.parametrize(
    ("model", "answer", "words"),
    [
        ("speller", {"outputs": [{"name": "CORRECTED", "data": ["helo"]}]}, 'answered "helo"'),
        (
            "duplicates",
            {"outputs": [{"name": "PROBABILITIES", "data": [0.9, 0.1]}]},
            r"duplicates: asked \[",
        ),
        ("moderation", {"label": "profanity", "probabilities": {"clean": 0, "profanity": 1}}, "mo"),
    ],
)
def test_a_wrong_answer_is_shown_and_stops_the_promotion(deploy, platform, model, answer, words):
    release = deploy()
    platform.answers[model] = answer

    with pytest.raises(Exception, match=words):
        verify(call(release), None)
    with pytest.raises(Exception, match="was not verified"):
        point(call(release), None)


def test_a_model_that_is_still_loading_is_asked_again(deploy, platform):
    release = deploy()
    platform.loading = 3

    assert verify(call(release), None)["status"] == "succeeded"


def test_patience_with_a_loading_model_ends(deploy, platform, monkeypatch):
    release = deploy()
    platform.loading = 10**6
    monkeypatch.setattr(aws, "PATIENCE_SECONDS", 0.05)

    with pytest.raises(Exception, match="no answer within"):
        verify(call(release), None)


def test_a_service_that_does_not_answer_is_named(deploy, platform, monkeypatch):
    release = deploy()
    platform.url = "http://127.0.0.1:1"
    monkeypatch.setattr(aws, "PATIENCE_SECONDS", 0.05)

    with pytest.raises(Exception, match=r"http://127\.0\.0\.1:1/v1/intent"):
        verify(call(release), None)


def test_a_service_that_was_never_deployed_is_named(deploy, platform):
    release = deploy()
    platform.services.clear()

    with pytest.raises(Refused, match="service slipway-dev-intent: not there; deploy its stack"):
        verify(call(release), None)


def test_what_aws_refuses_is_told_in_its_words(deploy, platform, order, pipeline, monkeypatch):
    release = deploy()
    error = {"Error": {"Code": "AccessDeniedException", "Message": "may not DescribeEndpoint"}}

    def denied(**_arguments):
        raise ClientError(error, "DescribeEndpoint")

    monkeypatch.setattr(platform, "describe_endpoint", denied)
    verify(order(release), None)

    assert "(AccessDeniedException) when calling the DescribeEndpoint" in pipeline.failed["job-1"]
