import json

import pytest
import yaml

from catalog import load
from tests.stacks.conftest import Template, as_list
from tests.stacks.pipelines import pipeline_of, stages_of


@pytest.fixture(scope="module")
def pipeline(tooling: Template) -> dict:
    return pipeline_of(tooling)


@pytest.fixture(scope="module")
def stages(pipeline: dict) -> dict[str, dict[str, dict]]:
    return stages_of(pipeline)


def commands(tooling: Template, project: str) -> list[str]:
    found = tooling.named("AWS::CodeBuild::Project", "Name", project)
    spec = yaml.safe_load(found.properties["Source"]["BuildSpec"])
    return spec["phases"]["build"]["commands"]


def test_the_pipeline_takes_one_push_after_the_other(pipeline: dict):
    assert pipeline["Name"] == "slipway-models"
    assert pipeline["PipelineType"] == "V2"
    assert pipeline["ExecutionMode"] == "QUEUED"


def test_only_a_push_of_what_makes_artifacts_to_the_branch_starts_it(pipeline: dict):
    (trigger,) = pipeline["Triggers"]

    git = trigger["GitConfiguration"]
    assert git["SourceActionName"] == "Source"
    (push,) = git["Push"]
    assert push["Branches"] == {"Includes": [load.load_pipeline().branch]}
    assert push["FilePaths"]["Includes"] == ["catalog/models/**", "model_build/**"]


def test_the_data_narrows_what_starts_it(accounts: dict[str, Template]):
    (trigger,) = pipeline_of(accounts["slipway-tooling"])["Triggers"]

    (push,) = trigger["GitConfiguration"]["Push"]
    assert push["FilePaths"]["Excludes"][-2:] == ["docs/**", "**/*.md"]


def test_the_source_may_use_its_connection_under_both_names(tooling: Template):
    connection = load.load_pipeline().connection_arn

    allowed = {
        action
        for policy in tooling.of_type("AWS::IAM::Policy")
        for item in policy.properties["PolicyDocument"]["Statement"]
        if item["Resource"] == connection
        for action in as_list(item["Action"])
    }
    assert {
        f"{name}:UseConnection" for name in ("codeconnections", "codestar-connections")
    } == allowed


def test_the_stages_follow_the_architecture(stages: dict):
    deploys = ["Deploy-dev", "Deploy-staging", "Approve-prod", "Deploy-prod"]

    assert list(stages) == ["Source", "Plan", "Build", "Register", *deploys]


def test_lambdas_and_deployment_get_the_signed_release(stages: dict):
    deploy = stages["Deploy-staging"]

    for step in ("promote", "verify", "point"):
        configuration = deploy[step.capitalize()]["Configuration"]
        assert configuration["FunctionName"] == f"slipway-staging-{step}-release"
        expected = {
            "environment": "staging",
            "release": "#{Release.RELEASE}",
            "execution": "#{codepipeline.PipelineExecutionId}",
        }
        assert json.loads(configuration["UserParameters"]) == expected
    variables = json.loads(deploy["Deploy"]["Configuration"]["EnvironmentVariables"])
    given = {item["name"]: item["value"] for item in variables}
    assert (given["ENVIRONMENT"], given["RELEASE"]) == ("staging", "#{Release.RELEASE}")
    assert given.keys() == {"ENVIRONMENT", "RELEASE", "STACKS"}
    assert stages["Register"]["Release"]["Namespace"] == "Release"


def test_a_promotion_deploys_every_stack_of_a_release(
    accounts: dict[str, Template], templates: dict[str, Template]
):
    for made in (accounts, templates):
        stages = stages_of(pipeline_of(made["slipway-tooling"]))
        for name in ("dev", "staging", "prod"):
            deploy = stages[f"Deploy-{name}"]["Deploy"]["Configuration"]["EnvironmentVariables"]
            given = {item["name"]: item["value"] for item in json.loads(deploy)}
            own = {stack for stack in made if stack.startswith(f"slipway-{name}-")}
            assert set(given["STACKS"].split()) == own - {f"slipway-{name}-base"}


def test_the_plan_reaches_the_builds_that_read_it(stages: dict):
    assert stages["Plan"]["Plan"]["OutputArtifacts"] == [{"Name": "Plan"}]
    for action in (stages["Build"]["Compile-cpu"], stages["Register"]["Release"]):
        assert action["InputArtifacts"] == [{"Name": "Source"}, {"Name": "Plan"}]
        assert action["Configuration"]["PrimarySource"] == "Source"


def test_the_builds_run_the_documented_commands(tooling: Template):
    assert commands(tooling, "slipway-plan")[0] == "python -m model_build plan --out plan.json"
    (build,) = commands(tooling, "slipway-compile-cpu")
    assert build.startswith(
        'python -m model_build build --plan "$CODEBUILD_SRC_DIR_Plan/plan.json"'
    )
    assert "python -m model_build release --plan" in commands(tooling, "slipway-release")[0]
    context, deploy = commands(tooling, "slipway-deploy")
    assert context.startswith("python -m ops release-context")
    assert deploy.startswith("cdk deploy --require-approval never --exclusively")


def test_the_release_build_exports_its_digest(tooling: Template):
    found = tooling.named("AWS::CodeBuild::Project", "Name", "slipway-release")

    spec = yaml.safe_load(found.properties["Source"]["BuildSpec"])
    assert spec["env"]["exported-variables"] == ["RELEASE"]


def test_a_new_row_of_the_catalog_needs_no_deployment(tooling: Template):
    assert not tooling.of_type("AWS::SageMaker::ModelPackageGroup")
    function = tooling.named("AWS::Lambda::Function", "FunctionName", "slipway-register-models")
    allowed = {
        action
        for item in tooling.statements_of(function.properties["Role"])
        for action in as_list(item["Action"])
    }
    assert "sagemaker:CreateModelPackageGroup" in allowed


def test_one_key_rotates_and_one_signs(tooling: Template):
    keys = [item.properties for item in tooling.of_type("AWS::KMS::Key")]

    assert {(key.get("KeySpec"), key.get("EnableKeyRotation")) for key in keys} == {
        (None, True),
        ("ECC_NIST_P256", None),
    }


def test_only_builds_that_make_things_may_sign(tooling: Template):
    signers = set()
    for project in tooling.of_type("AWS::CodeBuild::Project"):
        for statement in tooling.statements_of(project.properties["ServiceRole"]):
            if "kms:Sign" in as_list(statement["Action"]):
                signers.add(project.properties["Name"])

    assert signers == {"slipway-compile-cpu", "slipway-release"}


def test_the_deployment_may_only_act_as_the_bootstrap_roles(tooling: Template):
    project = tooling.named("AWS::CodeBuild::Project", "Name", "slipway-deploy")
    statements = tooling.statements_of(project.properties["ServiceRole"])

    (assume,) = [item for item in statements if item["Action"] == "sts:AssumeRole"]
    names = {arn.split("/")[1] for arn in assume["Resource"]}
    assert names == {
        f"cdk-hnb659fds-{role}-000000000000-us-east-1"
        for role in ("deploy-role", "file-publishing-role", "lookup-role")
    }
    actions = {action for item in statements for action in as_list(item["Action"])}
    assert not {action for action in actions if action.startswith(("cloudformation:", "iam:"))}


def test_failures_ring(tooling: Template):
    alarms = {item.properties["MetricName"] for item in tooling.of_type("AWS::CloudWatch::Alarm")}

    assert alarms == {"FailedPipelineExecutions", "FailedBuilds"}


def test_whoever_the_data_names_hears_of_failures(accounts: dict[str, Template]):
    tooling = accounts["slipway-tooling"]

    topic = tooling.only("AWS::SNS::Topic")
    assert "KmsMasterKeyId" in topic.properties
    (reader,) = tooling.of_type("AWS::SNS::Subscription")
    assert reader.properties["Endpoint"] == "search-team@example.com"
    rule = tooling.only("AWS::Events::Rule").properties
    assert rule["EventPattern"]["detail"] == {"state": ["FAILED"]}
    assert rule["Targets"][0]["Arn"] == {"Ref": topic.logical_id}
