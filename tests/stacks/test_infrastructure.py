import json
import subprocess

import pytest

from local.git import Push, listening
from tests.stacks.conftest import ROOT, Template, as_list
from tests.stacks.pipelines import buildspec, pipeline_of, project, stages_of


@pytest.fixture(scope="module")
def infrastructure(templates: dict[str, Template]) -> Template:
    return templates["slipway-infrastructure"]


@pytest.fixture(scope="module")
def stages(infrastructure: Template) -> dict:
    return stages_of(pipeline_of(infrastructure))


def deployed(stage: dict) -> str:
    (variable,) = json.loads(stage["Deploy"]["Configuration"]["EnvironmentVariables"])
    return str(variable["value"])


def test_it_makes_images_then_templates_then_changes_itself_first(stages: dict):
    assert list(stages) == [
        "Source", "Images", "Synth", "Self", "Tooling",
        "Base-dev", "Base-staging", "Approve-prod", "Base-prod", "Models",
    ]  # fmt: skip
    assert deployed(stages["Self"]) == "--exclusively slipway-infrastructure"
    assert deployed(stages["Tooling"]) == "slipway-tooling"
    assert deployed(stages["Base-prod"]) == "--exclusively slipway-prod-base"


def test_a_change_of_itself_runs_the_commit_through_the_changed_pipeline(infrastructure: Template):
    assert pipeline_of(infrastructure)["RestartExecutionOnUpdate"] is True
    assert pipeline_of(infrastructure)["ExecutionMode"] == "SUPERSEDED"


def test_every_deployment_is_of_what_was_synthesised_with_the_digests_of_images(
    infrastructure: Template, stages: dict
):
    synth = buildspec(infrastructure, "slipway-infrastructure-synth")
    assert "-c images=" in synth["phases"]["build"]["commands"][-1]
    assert synth["artifacts"]["files"] == ["cdk.out/**"]
    deploy = buildspec(infrastructure, "slipway-infrastructure-deploy")
    assert '--app "$CODEBUILD_SRC_DIR_Assembly/cdk.out"' in deploy["phases"]["build"]["commands"][0]
    for name in ("Self", "Tooling", "Base-dev", "Base-staging", "Base-prod"):
        assert {"Name": "Assembly"} in stages[name]["Deploy"]["InputArtifacts"]


def test_it_ends_by_starting_the_model_pipeline_on_the_same_commit(stages: dict):
    configuration = stages["Models"]["Start"]["Configuration"]

    assert configuration["PipelineName"] == "slipway-models"
    (revision,) = json.loads(configuration["SourceRevisions"])
    assert revision == {
        "actionName": "Source",
        "revisionType": "COMMIT_ID",
        "revisionValue": "#{Source.CommitId}",
    }


def test_no_changed_file_starts_both_pipelines(templates: dict[str, Template]):
    definitions = {
        stack: {
            "stages": [{"actions": [source(pipeline_of(templates[stack]))]}],
            "triggers": [{"gitConfiguration": trigger(pipeline_of(templates[stack]))}],
        }
        for stack in ("slipway-tooling", "slipway-infrastructure")
    }
    started = {
        file: {
            stack
            for stack, definition in definitions.items()
            if listening(definition, Push("main", "a", "b", frozenset({file})))
        }
        for file in tracked()
    }

    assert not [file for file, stacks in started.items() if len(stacks) > 1]
    assert started["stacks/tooling.py"] == {"slipway-infrastructure"}
    assert started["app.py"] == started["cdk.json"] == {"slipway-infrastructure"}
    assert started["serving/triton/Dockerfile"] == {"slipway-infrastructure"}
    assert started["model_build/images/build.Dockerfile"] == {"slipway-infrastructure"}
    assert started["catalog/environments/prod.yaml"] == {"slipway-infrastructure"}
    assert started["catalog/models/intent.yaml"] == {"slipway-tooling"}
    assert started["model_build/build.py"] == {"slipway-tooling"}
    assert started["README.md"] == set()


def source(pipeline: dict) -> dict:
    """Return the source action as the API has it."""
    action = pipeline["Stages"][0]["Actions"][0]
    kind = {"provider": action["ActionTypeId"]["Provider"]}
    return {
        "name": action["Name"], "actionTypeId": kind, "configuration": action["Configuration"]
    }  # fmt: skip


def trigger(pipeline: dict) -> dict:
    """Return the trigger as the API has it."""
    (given,) = pipeline["Triggers"]
    git = given["GitConfiguration"]
    (push,) = git["Push"]
    assert all(len(globs) <= 8 for globs in push["FilePaths"].values())  # CodePipeline's limit
    paths = {key.lower(): globs for key, globs in push["FilePaths"].items()}
    branches = {"includes": push["Branches"]["Includes"]}
    return {
        "sourceActionName": git["SourceActionName"],
        "push": [{"branches": branches, "filePaths": paths}],
    }


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_it_may_only_act_as_the_bootstrap_roles(accounts: dict[str, Template]):
    infrastructure = accounts["slipway-infrastructure"]
    role = project(infrastructure, "slipway-infrastructure-deploy").properties["ServiceRole"]

    (assume,) = [
        item for item in infrastructure.statements_of(role) if item["Action"] == "sts:AssumeRole"
    ]
    accounts_of = {arn.split(":")[4] for arn in assume["Resource"]}
    assert accounts_of == {digit * 12 for digit in "1234"}
    assert all(":role/cdk-hnb659fds-" in arn for arn in assume["Resource"])
    actions = {a for item in infrastructure.statements_of(role) for a in as_list(item["Action"])}
    assert not {a for a in actions if a.startswith(("cloudformation:", "iam:", "s3:Delete"))}


def test_image_tags_never_move_and_every_push_is_scanned(accounts: dict[str, Template]):
    repositories = accounts["slipway-infrastructure"].of_type("AWS::ECR::Repository")

    names = {item.properties["RepositoryName"] for item in repositories}
    here = {"triton", "torchserve", "intent", "batch", "drift", "build"}
    chips = {"neuron1", "torchserve-inf1", "intent-inf1", "batch-inf1"}
    assert names == {f"slipway/{name}" for name in here | chips}
    for item in repositories:
        assert item.properties["ImageTagMutability"] == "IMMUTABLE"
        assert item.properties["ImageScanningConfiguration"] == {"ScanOnPush": True}
