"""A second synth, as a stranger runs it: pure, the same bytes, valid, clean before cfn-lint."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.conftest import ROOT, Template, context

CFN_LINT = str(Path(sys.executable).parent / "cfn-lint")
# W3005: CDK spells out dependencies that a reference implies. W3010: it writes zones out.
NOISE = ("W3005", "W3010")
LINTED = ("tooling", "prod-base", "prod-search", "prod-ads", "prod-intent")
IMPURE = {"boto3", "botocore", "torch", "model_build", "serving", "lambdas", "local"}

pytestmark = pytest.mark.slow


def run(command: list[str], **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with CDK's own validation on."""
    environment = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("second")


@pytest.fixture(scope="module")
def synth(second: Path, release_file: Path) -> "subprocess.CompletedProcess[str]":
    """Synthesise in another process, with another hash seed and in another time zone."""
    code = (
        "import runpy, sys; runpy.run_path('app.py', run_name='__main__');"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    given = context() | {"release": str(release_file)}
    return run(
        [sys.executable, "-c", code],
        CDK_CONTEXT_JSON=json.dumps(given),
        CDK_OUTDIR=str(second),
        PYTHONPATH=str(ROOT),
        PYTHONHASHSEED="7",
        TZ="Pacific/Kiritimati",
    )


def test_the_templates_are_valid(synth: "subprocess.CompletedProcess[str]", second: Path):
    """An error fails the synth, as cdk.json asks; a warning fails here."""
    assert synth.returncode == 0, synth.stderr
    report = json.loads((second / "validation-report.json").read_text())
    assert report["pluginReports"]
    for item in report["pluginReports"]:
        assert item["conclusion"] == "success"
        assert item["violations"] == []


def test_synth_needs_neither_aws_nor_models(synth: "subprocess.CompletedProcess[str]"):
    modules = set(synth.stdout.split())

    assert "aws_cdk" in modules
    assert not modules & IMPURE


def test_two_synths_give_the_same_bytes(
    synth: "subprocess.CompletedProcess[str]",
    second: Path,
    assembly: Path,
    templates: dict[str, Template],
):
    assert synth.returncode == 0, synth.stderr
    for name in templates:
        file = f"{name}.template.json"
        assert (second / file).read_bytes() == (assembly / file).read_bytes(), name


def test_the_templates_lint(assembly: Path, templates: dict[str, Template]):
    assert {f"slipway-{name}" for name in LINTED} <= set(templates)
    files = [str(assembly / f"slipway-{name}.template.json") for name in LINTED]

    done = run([CFN_LINT, "--ignore-checks", *NOISE, "--", *files])

    assert done.returncode == 0, done.stdout
