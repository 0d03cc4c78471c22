"""All checks together: what is not answered is unknown, and the exit code follows."""

import json

import boto3
import pytest
from rich.console import Console

from ops.__main__ import main
from ops.place import Place
from ops.preflight import tooling
from ops.preflight.cli import show
from ops.preflight.finding import Finding
from ops.preflight.run import CHECKS, preflight
from ops.preflight.visit import Trip
from ops.visit import Accounts, NoWayIn
from tests.conftest import Cloud
from tests.ops.preflight.conftest import World


def test_every_check_says_something_of_an_empty_account(world: World):
    found = preflight(world.trip)

    silent = {"gpu-builder", "quota-processing", "quota-fargate", "model-monitor"}
    assert {item.check for item in found} >= set(CHECKS) - silent


def test_what_may_not_be_read_is_unknown_and_never_passes(world: World):
    world.fake.denied = True

    found = [item for item in preflight(world.trip) if item.check.startswith("quota")]

    assert {item.verdict for item in found} == {"unknown"}
    assert {item.remedy for item in found} == {"use credentials that may read"}


def test_an_account_that_cannot_be_entered_is_unknown(world: World):
    def nowhere(service: str, place: Place) -> None:
        raise NoWayIn(f"not into {place.account}")

    found = preflight(Trip(world.trip.environment, world.trip.pipeline, nowhere))

    assert {item.verdict for item in found if item.check != "gpu-builder"} == {"unknown"}


@pytest.fixture
def credentials(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> str:
    """The usual AWS_* variables, of an account of the emulator."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444444444444")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return cloud.endpoint_url


def test_another_account_is_entered_by_the_lookup_role_of_its_bootstrap(credentials: str):
    accounts = Accounts(boto3.Session(region_name="us-east-1"))
    assert accounts.own == "444444444444"
    other = Place("333333333333", "us-east-1")
    role = other.bootstrap_role("lookup-role")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "444444444444"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    owner = boto3.Session("333333333333", "secret", region_name="us-east-1")
    owner.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=document)

    identity = accounts.client("sts", other).get_caller_identity()

    assert identity["Account"] == other.account


def test_the_command_says_what_stops_a_deployment_and_fails(
    credentials: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("ops.preflight.run.CHECKS", {"bootstrap": tooling.bootstrap})
    arguments = ["preflight", "--environment", "prod", "--catalog", "examples/aws", "--json"]

    assert main(arguments) == 1

    found = json.loads(capsys.readouterr().out)
    assert {"check", "verdict", "says", "remedy"} == set(found[0])
    assert "fail" in {item["verdict"] for item in found}


def test_the_table_begins_with_what_fails(capsys: pytest.CaptureFixture[str]):
    found = [
        Finding("zones", "pass", "zones are available"),
        Finding("connection", "fail", "the connection is PENDING", "complete it"),
        Finding("images", "warn", "an image is not there", "push it"),
    ]

    show(found, Console(width=100))

    said = capsys.readouterr().out
    assert said.index("connection") < said.index("images") < said.index("zones")
    assert "1 pass, 1 warn, 0 unknown, 1 fail" in said
