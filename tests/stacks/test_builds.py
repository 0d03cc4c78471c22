"""The build projects: by data, bounded, in images named by digest, each with the least it needs."""

import json
from pathlib import Path

import pytest
import yaml

from catalog import load
from catalog.images import RUNTIMES, image_tag
from stacks.build.regions import GPU_BUILDER_REGIONS
from tests.stacks.conftest import ROOT, Template, as_list, synthesise
from tests.stacks.pipelines import buildspec, pipeline_of, project, stages_of

PROJECT = "AWS::CodeBuild::Project"
DIGEST = "sha256:" + "d" * 64


@pytest.fixture(scope="module")
def elsewhere(accounts: dict[str, Template]) -> Template:
    return accounts["slipway-tooling"]


@pytest.fixture(scope="module")
def by_digest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Return the tooling of examples/aws with images named by digest, its g5 builder a job."""
    folder = tmp_path_factory.mktemp("digests")
    catalog = folder / "catalog"
    for file in (ROOT / "examples/aws").rglob("*.yaml"):
        copy = catalog / file.relative_to(ROOT / "examples/aws")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text().replace("g5: {compute: small,", "g5: {where: job,"))
    images = {name: {"tag": image_tag(name, ROOT), "digest": DIGEST} for name in RUNTIMES}
    (folder / "images.json").write_text(json.dumps(images))
    return synthesise(folder / "out", catalog=str(catalog), images=str(folder / "images.json"))


def compilers(template: Template) -> set[str]:
    names = (item.properties["Name"] for item in template.of_type(PROJECT))
    return {name for name in names if name.startswith("slipway-compile-")}


def test_there_is_a_compiler_for_each_builder_of_the_data(tooling: Template, elsewhere: Template):
    assert compilers(tooling) == {"slipway-compile-cpu"}
    assert compilers(elsewhere) == {f"slipway-compile-{name}" for name in ("cpu", "g5", "inf1")}
    stage = stages_of(pipeline_of(elsewhere))["Build"]
    assert {action["RunOrder"] for action in stage.values()} == {1}
    assert set(stage) == {"Compile-cpu", "Compile-g5", "Compile-inf1"}


def test_engines_for_g5_are_built_on_an_a10g_in_the_image_that_serves(elsewhere: Template):
    environment = project(elsewhere, "slipway-compile-g5").properties["Environment"]

    assert environment["Type"] == "LINUX_GPU_CONTAINER"
    assert environment["ComputeType"] == "BUILD_GENERAL1_SMALL"
    assert "/slipway/triton:" in json.dumps(environment["Image"])
    assert elsewhere is not None
    assert load.load_pipeline(ROOT / "examples/aws").region in GPU_BUILDER_REGIONS


def test_a_gpu_build_first_sees_that_it_is_on_the_right_gpu(elsewhere: Template):
    first = buildspec(elsewhere, "slipway-compile-g5")["phases"]["install"]["commands"][0]

    assert first.startswith("python3 -m model_build.gpu_host --compute-capability 8.6 --driver 580")


def test_builds_run_in_images_named_by_digest_once_it_is_known(by_digest: dict[str, Template]):
    tooling = by_digest["slipway-tooling"]

    for name, runtime in (("plan", "build"), ("compile-inf1", "neuron1")):
        image = project(tooling, f"slipway-{name}").properties["Environment"]["Image"]
        assert f"/slipway/{runtime}@{DIGEST}" in json.dumps(image)


def test_a_gpu_project_names_its_image_by_digest_too(tmp_path: Path):
    images = {name: {"tag": image_tag(name, ROOT), "digest": DIGEST} for name in RUNTIMES}
    (tmp_path / "images.json").write_text(json.dumps(images))
    made = synthesise(
        tmp_path / "out", catalog="examples/aws", images=str(tmp_path / "images.json")
    )

    environment = project(made["slipway-tooling"], "slipway-compile-g5").properties["Environment"]
    assert f"/slipway/triton@{DIGEST}" in json.dumps(environment["Image"])


def test_where_there_is_no_gpu_builder_the_project_starts_a_job(by_digest: dict[str, Template]):
    tooling = by_digest["slipway-tooling"]
    starter = project(tooling, "slipway-compile-g5").properties

    assert starter["Environment"]["Type"] == "LINUX_CONTAINER"
    variables = {
        item["Name"]: item["Value"] for item in starter["Environment"]["EnvironmentVariables"]
    }
    assert variables["SLIPWAY_JOB_INSTANCE"] == "ml.g5.xlarge"
    assert f"/slipway/triton@{DIGEST}" in json.dumps(variables["SLIPWAY_JOB_IMAGE"])
    (command,) = buildspec(tooling, "slipway-compile-g5")["phases"]["build"]["commands"]
    commands = command.partition("--commands ")[2].split()[0]
    assert yaml.safe_load((ROOT / commands).read_text()) == yaml.safe_load(
        (ROOT / "stacks/build/specs/compile-gpu.yml").read_text()
    )
    allowed = tooling.statements_of(starter["ServiceRole"])
    (passing,) = [item for item in allowed if item["Action"] == "iam:PassRole"]
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }


@pytest.mark.parametrize("stack", ["tooling", "infrastructure"])
def test_every_build_is_bounded_and_has_no_badge(accounts: dict[str, Template], stack: str):
    for item in accounts[f"slipway-{stack}"].of_type(PROJECT):
        assert 5 <= item.properties["TimeoutInMinutes"] <= 480
        assert item.properties["ConcurrentBuildLimit"] >= 1
        assert item.properties["BadgeEnabled"] is False
        assert "ComputeType" in item.properties["Environment"]


def test_only_what_builds_images_is_privileged(accounts: dict[str, Template]):
    privileged = {
        item.properties["Name"]
        for stack in ("tooling", "infrastructure")
        for item in accounts[f"slipway-{stack}"].of_type(PROJECT)
        if item.properties["Environment"]["PrivilegedMode"]
    }

    assert privileged == {"slipway-images", "slipway-infrastructure-images"}


def test_every_compiler_reports_its_gates_to_a_declared_group(elsewhere: Template):
    groups = {item.properties["Name"] for item in elsewhere.of_type("AWS::CodeBuild::ReportGroup")}

    assert groups == {f"{name}-gates" for name in compilers(elsewhere)}
    for name in compilers(elsewhere):
        assert buildspec(elsewhere, name)["reports"]["gates"]["file-format"] == "JUNITXML"
        role = project(elsewhere, name).properties["ServiceRole"]
        actions = {a for item in elsewhere.statements_of(role) for a in as_list(item["Action"])}
        assert "codebuild:BatchPutTestCases" in actions
        assert "codebuild:CreateReportGroup" not in actions


def test_every_log_group_forgets(elsewhere: Template):
    days = load.load_pipeline(ROOT / "examples/aws").retention.log_days

    groups = elsewhere.of_type("AWS::Logs::LogGroup")
    assert {group.properties["RetentionInDays"] for group in groups} == {days}
