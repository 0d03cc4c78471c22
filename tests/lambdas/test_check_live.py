"""What is live beside what the pointer promises."""

from datetime import UTC, datetime, timedelta

import pytest

from lambdas.check_live import handler
from lambdas.check_live.handler import handle as check
from lambdas.point_release.handler import handle as point
from lambdas.verify_release.handler import handle as verify
from tests.lambdas.fakes import call

TARGETS = ["slipway-dev-ads", "slipway-dev-search", "slipway-dev-intent"]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(handler, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def promoted(deploy):
    """Deploys a release of all models and moves the pointer to it."""

    def run(**changes):
        release = deploy(**changes)
        verify(call(release), None)
        point(call(release), None)
        return release

    return run


@pytest.fixture
def said(cloud):
    """Returns the largest value of a metric in the last hour."""

    def read(name, **dimensions):
        now = datetime.now(UTC)
        found = cloud.client("cloudwatch").get_metric_statistics(
            Namespace="Slipway/Releases", MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1), Period=7200,
            Statistics=["Maximum"],
        )["Datapoints"]  # fmt: skip
        return [point["Maximum"] for point in found]

    return read


def test_what_was_verified_and_pointed_at_is_as_promised(promoted, said):
    promoted()

    assert check({}, None) == {"checked": TARGETS, "wrong": []}
    assert said("Unpromised", Environment="dev", Target="slipway-dev-search") == [0.0]
    assert said("Live", Environment="dev") == [1.0]


def test_nothing_is_said_before_anything_is_live(functions, said):
    assert check({}, None) == {"checked": [], "wrong": []}


def test_an_endpoint_that_aws_turned_back_is_named(promoted, platform):
    first = promoted()
    before = dict(platform.endpoints["search"])
    second = promoted(speller={"content": "better"})
    platform.endpoints["search"] = before

    found = check({}, None)

    (wrong,) = found["wrong"]
    assert wrong.startswith(f"endpoint search: its config config-search-{first[:8]} loads s3://")
    assert f"live/search/{second}/cpu/" in wrong
    assert found["checked"] == TARGETS


def test_a_service_that_runs_another_archive_is_named(promoted, platform):
    promoted()
    platform.services["intent"]["archive"] = "0" * 64

    (wrong,) = check({}, None)["wrong"]

    assert "service intent: task:00000000 runs archive 0000" in wrong


def test_the_same_models_in_a_configuration_that_nobody_verified_are_not_as_promised(
    promoted, platform
):
    promoted()
    platform.endpoints["search"]["config"] = "made-by-somebody-since"

    assert check({}, None)["wrong"] == [
        "slipway-dev-search: serves the release in a state that nobody verified"
    ]


@pytest.mark.parametrize(
    "changed", [{"status": "Updating"}, {"status": "SystemUpdating"}, {"status": "Failed"}]
)
def test_how_a_server_is_at_the_moment_is_other_alarms_business(promoted, platform, changed):
    promoted()
    platform.endpoints["search"].update(changed)

    assert check({}, None)["wrong"] == []


def test_a_server_that_is_gone_is_named(promoted, platform):
    promoted()
    del platform.endpoints["ads"]

    (wrong,) = check({}, None)["wrong"]
    assert wrong.startswith("endpoint ads: An error occurred (ValidationException)")


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_while_a_deployment_runs_a_server_may_be_ahead_of_the_pointer(
    promoted, deploy, pipeline, status
):
    promoted()
    deploy(speller={"content": "better"})
    pipeline.status = status

    assert check({}, None) == {"checked": ["slipway-dev-intent"], "wrong": []}

    pipeline.status = "Failed"

    assert len(check({}, None)["wrong"]) == 2


def test_a_promise_that_is_broken_for_a_moment_is_not_told(
    promoted, platform, pipeline, monkeypatch
):
    promoted()
    right = dict(platform.endpoints["search"])
    platform.endpoints["search"] = {**right, "location": "s3://elsewhere/"}

    def mended(_seconds):
        platform.endpoints["search"] = right

    monkeypatch.setattr(handler.time, "sleep", mended)

    assert check({}, None) == {"checked": TARGETS, "wrong": []}
