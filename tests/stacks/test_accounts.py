"""An account for the tooling and one for each environment, by data alone (examples/aws).

Across accounts both sides must allow: the resource's policy and the role's own. Peers break on
one of the two; here both are asked, with the roles that the stacks make.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog import load
from tests.stacks.conftest import ROOT, Template, as_list
from tests.stacks.policies import admits, allows, bucket_policy

TOOLING = "111111111111"
ACCOUNTS = {"dev": "222222222222", "staging": "333333333333", "prod": "444444444444"}
STORE = f"slipway-artifacts-{TOOLING}-us-east-1"
STEPS = ("promote", "verify", "point")
PIPELINE_ROLE = f"arn:aws:iam::{TOOLING}:role/slipway-tooling-PipelineRoleB27FAA37-AbCd"


def step_of(accounts: dict[str, Template], env: str, step: str) -> dict[str, Any]:
    base = accounts[f"slipway-{env}-base"]
    name = f"slipway-{env}-{step}-release"
    return base.named("AWS::Lambda::Function", "FunctionName", name).properties


def role_of(env: str, step: str) -> str:
    """Return an ARN as CloudFormation makes it up for a step's role."""
    name = f"slipway-{env}-base-Promotion{step.title()}ReleaseRole-1X2Y3Z"
    return f"arn:aws:iam::{ACCOUNTS[env]}:role/{name}"


def statements_of(accounts: dict[str, Template], env: str, step: str) -> list[dict[str, Any]]:
    role = step_of(accounts, env, step)["Role"]
    return accounts[f"slipway-{env}-base"].statements_of(role)


def key_with(template: Template, alias: str) -> dict[str, Any]:
    name = template.named("AWS::KMS::Alias", "AliasName", f"alias/{alias}").properties
    (key,) = [
        item
        for item in template.of_type("AWS::KMS::Key")
        if item.logical_id == name["TargetKeyId"]["Fn::GetAtt"][0]
    ]
    return key.properties["KeyPolicy"]


def object_in_store(store: str, path: str) -> Any:
    return {"Fn::Join": ["", [store, f"/{path}"]]}


@pytest.fixture(scope="module")
def tools(accounts: dict[str, Template]) -> Template:
    return accounts["slipway-tooling"]


@pytest.fixture(scope="module")
def store_arn(tools: Template) -> Any:
    logical_id = tools.named("AWS::S3::Bucket", "BucketName", STORE).logical_id
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def test_every_stack_is_in_the_account_that_the_data_names(
    accounts: dict[str, Template], accounts_assembly: Path
):
    manifest = json.loads((accounts_assembly / "manifest.json").read_text())
    for name in accounts:
        environment = next((env for env in ACCOUNTS if f"-{env}-" in name), None)
        account = ACCOUNTS[environment] if environment else TOOLING
        assert manifest["artifacts"][name]["environment"] == f"aws://{account}/us-east-1", name


def test_nothing_is_looked_up_in_any_account(
    accounts: dict[str, Template], accounts_assembly: Path
):
    assert accounts
    assert "missing" not in json.loads((accounts_assembly / "manifest.json").read_text())


def test_no_stack_imports_from_another_account(accounts: dict[str, Template]):
    """CloudFormation's exports end at the account's border."""
    exported: dict[str, str] = {}
    for name, template in accounts.items():
        for item in template.document.get("Outputs", {}).values():
            if "Export" in item:
                exported[item["Export"]["Name"]] = name
    for name, template in accounts.items():
        environment = next((env for env in ACCOUNTS if f"-{env}-" in name), "tooling")
        for export in imports_of(template.document):
            assert f"-{environment}" in exported[export], (name, export)


def imports_of(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in imports_of(item)]
    if not isinstance(value, dict):
        return []
    if set(value) == {"Fn::ImportValue"}:
        return [value["Fn::ImportValue"]]
    return imports_of(list(value.values()))


@pytest.mark.parametrize("env", ACCOUNTS)
@pytest.mark.parametrize("path", ["manifests/abc.json", "content/abc", "releases/abc.json"])
def test_a_promotion_reads_artifacts_where_bucket_and_role_both_say_so(
    accounts: dict[str, Template], tools: Template, store_arn: Any, env: str, path: str
):
    own = statements_of(accounts, env, "promote")
    theirs = bucket_policy(tools, STORE)

    assert allows(own, "s3:GetObject", f"arn:aws:s3:::{STORE}/{path}")
    assert admits(theirs, role_of(env, "promote"), "s3:GetObject", object_in_store(store_arn, path))


@pytest.mark.parametrize("env", ACCOUNTS)
def test_what_it_reads_it_can_decrypt_by_key_and_by_role(
    accounts: dict[str, Template], tools: Template, env: str
):
    key = f"arn:aws:kms:us-east-1:{TOOLING}:key/5f0c"

    assert allows(statements_of(accounts, env, "promote"), "kms:Decrypt", key)
    policy = key_with(tools, "slipway-artifact-key")
    assert admits(policy, role_of(env, "promote"), "kms:Decrypt")


@pytest.mark.parametrize("env", ACCOUNTS)
@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy"])
def test_nobody_of_an_environment_writes_artifacts(
    accounts: dict[str, Template], tools: Template, store_arn: Any, env: str, action: str
):
    theirs = bucket_policy(tools, STORE)

    for step in STEPS:
        resource = object_in_store(store_arn, "content/abc")
        assert not admits(theirs, role_of(env, step), action, resource)
        own = statements_of(accounts, env, step)
        assert not allows(own, action, f"arn:aws:s3:::{STORE}/content/abc")


@pytest.mark.parametrize("path", ["actions/key/proof.json", "rejections/key/digest.json"])
def test_evidence_of_builds_stays_in_the_tooling(tools: Template, store_arn: Any, path: str):
    policy = bucket_policy(tools, STORE)

    for env in ACCOUNTS:
        resource = object_in_store(store_arn, path)
        assert not admits(policy, role_of(env, "promote"), "s3:GetObject", resource)


@pytest.mark.parametrize("env", ACCOUNTS)
def test_every_step_verifies_signatures_and_none_can_sign(
    accounts: dict[str, Template], tools: Template, env: str
):
    policy = key_with(tools, "slipway-signing-key")
    key = f"arn:aws:kms:us-east-1:{TOOLING}:key/5f0c"

    for step in STEPS:
        own = statements_of(accounts, env, step)
        assert allows(own, "kms:Verify", key)
        assert admits(policy, role_of(env, step), "kms:Verify")
        assert not allows(own, "kms:Sign", key)
        assert not admits(policy, role_of(env, step), "kms:Sign")
        variables = step_of(accounts, env, step)["Environment"]["Variables"]
        alias = f"arn:aws:kms:us-east-1:{TOOLING}:alias/slipway-signing-key"
        assert variables["SLIPWAY_SIGNING_KEY"] == alias


def test_a_role_that_is_not_slipways_gets_nothing(tools: Template, store_arn: Any):
    stranger = f"arn:aws:iam::{ACCOUNTS['dev']}:role/SomebodyElse"

    resource = object_in_store(store_arn, "content/abc")
    assert not admits(bucket_policy(tools, STORE), stranger, "s3:GetObject", resource)
    assert not admits(key_with(tools, "slipway-artifact-key"), stranger, "kms:Decrypt")
    assert not admits(key_with(tools, "slipway-signing-key"), stranger, "kms:Verify")


def test_no_policy_names_a_role_that_may_not_exist_yet(accounts: dict[str, Template]):
    """AWS refuses a policy whose principal does not exist: a first deployment would fail."""
    for name, template in accounts.items():
        for kind, where in (
            ("AWS::S3::BucketPolicy", "PolicyDocument"),
            ("AWS::KMS::Key", "KeyPolicy"),
            ("AWS::ECR::Repository", "RepositoryPolicyText"),
            ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
        ):
            for resource in template.of_type(kind):
                statements = resource.properties.get(where, {}).get("Statement", [])
                for item in statements:
                    principals = item["Principal"]
                    named = as_list(principals.get("AWS", [])) if principals != "*" else []
                    literal = [text for text in named if isinstance(text, str)]
                    assert not [text for text in literal if ":role/" in text], (name, resource)


def test_every_lambda_elsewhere_is_invoked_under_a_role_of_its_account(
    accounts: dict[str, Template], tools: Template
):
    (pipeline,) = [
        item
        for item in tools.of_type("AWS::CodePipeline::Pipeline")
        if "slipway-models" in json.dumps(item.properties.get("Name"))
    ]
    invoked = set()
    for stage in pipeline.properties["Stages"]:
        for action in stage["Actions"]:
            function = action.get("Configuration", {}).get("FunctionName", "")
            for env, account in ACCOUNTS.items():
                if isinstance(function, str) and f"slipway-{env}-" in function:
                    role = f"arn:aws:iam::{account}:role/slipway-{env}-pipeline"
                    assert action["RoleArn"] == role
                    invoked.add(function)
    assert invoked == {f"slipway-{env}-{step}-release" for env in ACCOUNTS for step in STEPS}


@pytest.mark.parametrize("env", ACCOUNTS)
def test_the_pipeline_may_take_that_role_and_invoke_the_steps_alone(
    accounts: dict[str, Template], env: str
):
    base = accounts[f"slipway-{env}-base"]
    role = base.named("AWS::IAM::Role", "RoleName", f"slipway-{env}-pipeline")

    trust = role.properties["AssumeRolePolicyDocument"]
    assert admits(trust, PIPELINE_ROLE, "sts:AssumeRole")
    assert not admits(trust, f"arn:aws:iam::{TOOLING}:role/Else", "sts:AssumeRole")
    allowed, *shifting = base.statements_of({"Fn::GetAtt": [role.logical_id, "Arn"]})
    assert allowed["Action"] == "lambda:InvokeFunction"
    for statement in shifting:  # of the traffic of what SageMaker's guardrails leave out
        assert all(action.startswith("states:") for action in as_list(statement["Action"]))
        assert f":slipway-{env}-ads-shift" in str(statement["Resource"])
    assert bool(shifting) == (env != "dev")  # there all traffic moves at once
    invoked = {item["Fn::GetAtt"][0] for item in allowed["Resource"]}
    functions = {
        item.logical_id
        for item in base.of_type("AWS::Lambda::Function")
        if item.properties.get("FunctionName", "").endswith("-release")
    }
    assert invoked == functions


@pytest.mark.parametrize("env", ACCOUNTS)
def test_a_step_answers_the_pipeline_under_a_role_of_the_pipelines_account(
    accounts: dict[str, Template], tools: Template, env: str
):
    """A job belongs to the account of its pipeline: another account's keys cannot answer it."""
    role = tools.named("AWS::IAM::Role", "RoleName", f"slipway-answer-{env}")
    arn = f"arn:aws:iam::{TOOLING}:role/slipway-answer-{env}"

    (allowed,) = tools.statements_of({"Fn::GetAtt": [role.logical_id, "Arn"]})
    assert set(allowed["Action"]) == {
        "codepipeline:PutJobSuccessResult",
        "codepipeline:PutJobFailureResult",
    }
    for step in STEPS:
        assert (
            step_of(accounts, env, step)["Environment"]["Variables"]["SLIPWAY_ANSWER_ROLE"] == arn
        )
        assert allows(statements_of(accounts, env, step), "sts:AssumeRole", arn)
        trust = role.properties["AssumeRolePolicyDocument"]
        assert admits(trust, role_of(env, step), "sts:AssumeRole")


def test_environments_pull_images_and_push_none(accounts: dict[str, Template]):
    repositories = [
        item for template in accounts.values() for item in template.of_type("AWS::ECR::Repository")
    ]
    assert repositories
    for item in repositories:
        policy = item.properties["RepositoryPolicyText"]
        for env, account in ACCOUNTS.items():
            puller = f"arn:aws:iam::{account}:role/slipway-{env}-base-EndpointRole"
            assert admits(policy, puller, "ecr:BatchGetImage")
            assert not admits(policy, puller, "ecr:PutImage")


def test_the_data_alone_makes_the_difference(
    templates: dict[str, Template], accounts: dict[str, Template]
):
    """In one account the tooling admits nobody: the roles' own policies decide."""
    here = templates["slipway-tooling"]

    assert not [r for r in here.of_type("AWS::IAM::Role") if "RoleName" in r.properties]
    for key in here.of_type("AWS::KMS::Key"):
        assert "aws:PrincipalArn" not in json.dumps(key.properties)
    folder = ROOT / "examples/aws"
    assert {e.account for e in load.load_environments(folder).values()} == set(ACCOUNTS.values())
    assert len(accounts) > len(ACCOUNTS)
