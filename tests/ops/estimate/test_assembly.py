"""Synth in a process of its own, with a small program in the place of app.py."""

from pathlib import Path

import pytest

from catalog import load
from ops.estimate import assembly
from ops.estimate.assembly import SynthFailed, synthesise
from ops.estimate.placeholder import placeholder

APP = """
import json, os, pathlib
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
release = json.loads(pathlib.Path(context["release"]).read_text())
assert release["digest"] and context["flag"] and os.environ["CDK_VALIDATION"] == "false"
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir()
template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}
(out / "base.json").write_text(json.dumps(template))
stack = {"type": "aws:cloudformation:stack", "environment": "aws://1/eu-west-1",
         "properties": {"templateFile": "base.json"}}
assets = {"type": "cdk:asset-manifest"}
artifacts = {"slipway-prod-base": stack, "slipway-prod-base.assets": assets}
(out / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cdk.json").write_text('{"context": {"flag": true}}')
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(assembly, "ROOT", tmp_path)
    return tmp_path


def test_the_app_gets_context_and_release_and_its_stacks_are_read(tree: Path):
    (tree / "app.py").write_text(APP)

    (template,) = synthesise(Path("catalog"), placeholder([]), tree / "scratch")

    assert (template.name, template.region) == ("slipway-prod-base", "eu-west-1")
    assert list(template.resources) == ["Bucket"]


def test_a_refused_configuration_is_said_with_its_place(tree: Path):
    (tree / "app.py").write_text(
        "import sys; sys.exit('ERROR the size is LARGE: write SMALL. (Slipway)\\n'"
        "'   slipway-tooling/Project (P1) aws-cdk-lib.CfnProject\\nRuntimeError: failed')"
    )

    wanted = r"catalog:\nslipway-tooling/Project: the size is LARGE: write SMALL\. \(Slipway\)$"
    with pytest.raises(SynthFailed, match=wanted):
        synthesise(Path("catalog"), placeholder([]), tree / "scratch")


def test_any_other_failure_is_said_by_its_last_line(tree: Path):
    (tree / "app.py").write_text("raise ValueError('no such file')")

    with pytest.raises(SynthFailed, match=r"catalog:\nValueError: no such file$"):
        synthesise(Path("catalog"), placeholder([]), tree / "scratch")


def test_the_placeholder_has_each_model_for_every_machine_that_runs_it():
    folder = Path(__file__).resolve().parents[3] / "examples/aws"
    environments = [load.load_environment(name, folder) for name in ("dev", "prod")]

    made = placeholder(environments).manifests

    assert set(made["embedding"]) == {"g5"}  # search
    assert set(made["moderation-text"]) == {"inf1"}  # ads
    assert set(made["duplicates"]) == {"g5", "cpu", "inf1"}  # search, and the batch of each
