import json

import pytest

from catalog import load
from tests.stacks.conftest import ROOT, Template, as_list
from tests.stacks.pipelines import pipeline_of, stages_of


@pytest.fixture(scope="module")
def stages(tooling: Template) -> dict:
    return stages_of(pipeline_of(tooling))


@pytest.fixture(scope="module")
def elsewhere(accounts: dict[str, Template]) -> dict:
    return stages_of(pipeline_of(accounts["slipway-tooling"]))


def steps(stage: dict) -> list[str]:
    return [item["Name"] for item in sorted(stage.values(), key=lambda item: item["RunOrder"])]


def test_a_promotion_deploys_verifies_and_moves_the_pointer_last(stages: dict):
    for name in load.load_pipeline().environments:
        assert steps(stages[f"Deploy-{name}"]) == ["Promote", "Deploy", "Verify", "Point"]


def test_a_person_is_asked_where_the_data_says_so_in_a_stage_of_its_own(stages: dict):
    asked = {name.removeprefix("Approve-") for name in stages if name.startswith("Approve-")}

    environments = load.load_pipeline().environments
    assert asked == {name for name in environments if load.load_environment(name).approval}
    question = stages["Approve-prod"]["Approve"]["Configuration"]
    assert "#{Release.RELEASE}" in question["CustomData"]
    assert "#{Source.CommitMessage}" in question["CustomData"]
    assert question["ExternalEntityLink"].endswith("/commit/#{Source.CommitId}")
    assert "NotificationArn" in question


def test_a_release_is_loaded_before_the_pointer_moves_where_the_data_says_so(elsewhere: dict):
    wanted = load.load_environment("staging", ROOT / "examples/aws").load_test
    assert wanted is not None

    assert steps(elsewhere["Deploy-staging"]) == [
        "Promote",
        "Deploy",
        "Verify",
        "LoadTest",
        "Point",
    ]
    assert "LoadTest" not in elsewhere["Deploy-dev"]
    given = json.loads(
        elsewhere["Deploy-staging"]["LoadTest"]["Configuration"]["EnvironmentVariables"]
    )
    variables = {item["name"]: item["value"] for item in given}
    assert variables["REQUESTS_PER_SECOND"] == f"{wanted.requests_per_second:g}"
    assert variables["SECONDS_LONG"] == str(wanted.seconds)


def test_a_stage_is_turned_back_or_tried_again_but_never_both(tooling: Template):
    answers = {
        stage["Name"]: stage["OnFailure"]["Result"]
        for stage in pipeline_of(tooling)["Stages"]
        if "OnFailure" in stage
    }

    assert answers.pop("Register") == "RETRY"
    assert set(answers) == {f"Deploy-{name}" for name in load.load_pipeline().environments}
    assert set(answers.values()) == {"ROLLBACK"}


def test_lambdas_of_another_account_are_invoked_under_a_role_of_that_account(
    accounts: dict[str, Template], elsewhere: dict
):
    for name in ("dev", "staging", "prod"):
        account = load.load_environment(name, ROOT / "examples/aws").account
        for step in ("Promote", "Verify", "Point"):
            role = elsewhere[f"Deploy-{name}"][step]["RoleArn"]
            assert role == f"arn:aws:iam::{account}:role/slipway-{name}-pipeline"
    assumable = {
        arn
        for policy in accounts["slipway-tooling"].of_type("AWS::IAM::Policy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if "sts:AssumeRole" in as_list(statement["Action"])
        for arn in as_list(statement["Resource"])
        if isinstance(arn, str)
    }
    assert {f"arn:aws:iam::{n * 12}:role/slipway-{name}-pipeline"
            for n, name in zip("234", ("dev", "staging", "prod"), strict=True)
           } <= assumable  # fmt: skip
