"""The rules as `cdk synth` runs them: real stacks, real reports."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from stacks.rules.plugin import validate_with_rules


@pytest.fixture
def application(tmp_path: Path) -> cdk.App:
    made = cdk.App(analytics_reporting=False, outdir=str(tmp_path))
    validate_with_rules(made)
    return made


def project(app: cdk.App, size: str, region: str = "us-east-1") -> cdk.CfnResource:
    stack = cdk.Stack(app, "tools", env=cdk.Environment(account="1" * 12, region=region))
    environment = {"Type": "LINUX_GPU_CONTAINER", "ComputeType": f"BUILD_GENERAL1_{size}"}
    return cdk.CfnResource(
        stack, "Gpu", type="AWS::CodeBuild::Project", properties={"Environment": environment}
    )


def violations(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "validation-report.json").read_text())
    (ours,) = [item for item in report["pluginReports"] if item["pluginName"] == "Slipway"]
    return {item["ruleName"]: item["description"] for item in ours["violations"]}


def test_a_violation_fails_the_synth_with_its_sentence(application: cdk.App, tmp_path: Path):
    project(application, "LARGE", region="us-east-2")

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        application.synth()

    found = violations(tmp_path)
    assert set(found) == {"gpu-builder-size", "gpu-builder-region"}
    assert found["gpu-builder-size"].endswith("set ComputeType to BUILD_GENERAL1_SMALL.")
    assert found["gpu-builder-region"].startswith("us-east-2 has no GPU builder")


def test_a_rule_is_set_aside_at_the_construct_that_has_a_reason(application: cdk.App):
    made = project(application, "LARGE")
    acknowledged = cdk.Acknowledgment(id="Slipway::gpu-builder-size", reason="a fleet of its own")
    cdk.Validations.of(made).acknowledge(acknowledged)

    assert application.synth().stacks


def test_a_right_stack_passes(application: cdk.App):
    project(application, "SMALL")

    assert application.synth().stacks
