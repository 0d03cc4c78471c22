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
        "Shift-ads",
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


def rules(template: Template, stage: str, moment: str) -> list[dict]:
    (found,) = [item for item in pipeline_of(template)["Stages"] if item["Name"] == stage]
    (condition,) = found[moment]["Conditions"]
    assert condition["Result"] == {"OnSuccess": "ROLLBACK", "BeforeEntry": "FAIL"}[moment]
    assert len(condition["Rules"]) <= 5  # CodePipeline takes no more
    return condition["Rules"]


def test_a_deployment_whose_alarms_ring_is_turned_back(templates: dict[str, Template]):
    seen = rules(templates["slipway-tooling"], "Deploy-prod", "OnSuccess")

    made = {
        alarm.properties["AlarmName"]
        for stack in ("search", "ads", "intent")
        for alarm in templates[f"slipway-prod-{stack}"].of_type("AWS::CloudWatch::Alarm")
    }
    assert {rule["Configuration"]["AlarmName"] for rule in seen} <= made
    assert all(rule["RuleTypeId"]["Provider"] == "CloudWatchAlarm" for rule in seen)


def test_nothing_enters_an_environment_while_the_one_before_it_rings(tooling: Template):
    seen = rules(tooling, "Deploy-prod", "BeforeEntry")

    assert {rule["Name"].split("-")[1] for rule in seen} == {"staging"}
    first = next(s for s in pipeline_of(tooling)["Stages"] if s["Name"] == "Deploy-dev")
    assert "BeforeEntry" not in first


def test_alarms_of_another_account_are_read_under_a_role_of_that_account(
    accounts: dict[str, Template],
):
    for rule in rules(accounts["slipway-tooling"], "Deploy-prod", "OnSuccess"):
        assert rule["RoleArn"] == "arn:aws:iam::444444444444:role/slipway-prod-observer"
    base = accounts["slipway-prod-base"]
    role = base.named("AWS::IAM::Role", "RoleName", "slipway-prod-observer")
    trust = role.properties["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/slipway-tooling-*"}
    }


def test_the_pipeline_reads_the_alarms_of_its_own_account_itself(tooling: Template):
    role = pipeline_of(tooling)["RoleArn"]

    seen = [
        item
        for item in tooling.statements_of(role)
        if "cloudwatch:DescribeAlarms" in as_list(item["Action"])
    ]
    arns = {arn for item in seen for arn in as_list(item["Resource"])}
    assert arns == {
        f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:slipway-{name}-*"
        for name in ("dev", "staging", "prod")
    }


def test_traffic_is_shifted_before_it_is_verified_where_no_guardrail_does_it(elsewhere: dict):
    shift = elsewhere["Deploy-prod"]["Shift-ads"]

    machine = "arn:aws:states:us-east-1:444444444444:stateMachine:slipway-prod-ads-shift"
    assert shift["Configuration"]["StateMachineArn"] == machine
    assert shift["RoleArn"] == "arn:aws:iam::444444444444:role/slipway-prod-pipeline"
    assert "Shift-ads" not in elsewhere["Deploy-dev"]  # its policy moves all at once
