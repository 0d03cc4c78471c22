"""The gate on the chip in the pipeline: a stage where a chip serves what nobody has proven yet."""

import json

import pytest

from catalog import load
from stacks.pipeline.chips import proves
from tests.stacks.conftest import ROOT, Template, as_list
from tests.stacks.pipelines import buildspec, pipeline_of, project, stages_of


def test_what_a_chip_serves_is_proven_between_the_first_environment_and_the_next(
    accounts: dict[str, Template],
):
    tooling = accounts["slipway-tooling"]
    stages = stages_of(pipeline_of(tooling))

    names = list(stages)
    assert names.index("Deploy-dev") + 1 == names.index("Prove-dev") < names.index("Deploy-staging")
    assert [name for name in names if name.startswith("Prove-")] == ["Prove-dev"]
    given = json.loads(stages["Prove-dev"]["Prove"]["Configuration"]["EnvironmentVariables"])
    variables = {item["name"]: item["value"] for item in given}
    assert variables["ENVIRONMENT"] == "dev"
    assert variables["SLIPWAY_OBSERVER_ROLE"].endswith("role/slipway-dev-observer")
    (command,) = buildspec(tooling, "slipway-prove")["phases"]["build"]["commands"]
    assert command.startswith('python -m model_build onchip --release "$RELEASE"')


def test_its_role_signs_evidence_and_writes_neither_artifacts_nor_releases(
    accounts: dict[str, Template],
):
    tooling = accounts["slipway-tooling"]
    statements = tooling.statements_of(project(tooling, "slipway-prove").properties["ServiceRole"])

    written = json.dumps(
        [item["Resource"] for item in statements if "s3:PutObject" in as_list(item["Action"])]
    )
    assert "kms:Sign" in json.dumps(statements)
    assert "sagemaker:InvokeEndpoint" in json.dumps(statements)
    assert "/evidence/*" in written
    assert not [name for name in ("manifests", "releases", "actions") if f"/{name}/" in written]


def test_there_is_no_such_stage_where_no_chip_serves(tooling: Template):
    assert not [name for name in stages_of(pipeline_of(tooling)) if name.startswith("Prove-")]


def test_only_an_environment_that_takes_the_unproven_proves_it():
    proving = {
        name: proves(load.load_environment(name, ROOT / "examples/aws"))
        for name in ("dev", "staging", "prod")
    }

    assert proving == {"dev": True, "staging": False, "prod": False}


@pytest.mark.parametrize(("name", "told"), [("dev", "true"), ("staging", None), ("prod", None)])
def test_promotion_is_told_where_the_unproven_may_go(
    accounts: dict[str, Template], name: str, told: str | None
):
    base = accounts[f"slipway-{name}-base"]
    function = f"slipway-{name}-promote-release"
    promote = base.named("AWS::Lambda::Function", "FunctionName", function)

    assert promote.properties["Environment"]["Variables"].get("SLIPWAY_UNPROVEN") == told
