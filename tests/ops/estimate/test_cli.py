"""The command as people call it, with the shipped environments."""

import json
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.estimate import assembly
from ops.estimate.line import Estimate
from stacks.rules.template import Template


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The estimate of examples/aws, from a real synth."""
    file = tmp_path_factory.mktemp("estimate") / "aws.json"
    assert main(["estimate", "--catalog", "examples/aws", "--json", str(file)]) == 0
    return file


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small stack in place of a synth of seconds."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {}}
    made = Template("slipway-prod-base", "us-east-1", {"Resources": {"Bucket": bucket}})
    monkeypatch.setattr("ops.estimate.cli.synthesise", lambda *_: [made])


def test_every_resource_of_the_accelerated_environments_has_a_price_or_is_free(written: Path):
    found = Estimate.from_json(json.loads(written.read_text()))

    assert found.unpriced == {}
    assert {"dev", "staging", "prod", "tooling"} <= set(found.environments)


def test_the_larger_environment_costs_more(written: Path):
    found = Estimate.from_json(json.loads(written.read_text()))

    assert found.total("prod").expected > found.total("dev").expected > 100
    assert found.total("prod").low < found.total("prod").high


def test_totals_prices_and_assumptions_are_said(
    templates: None, capsys: pytest.CaptureFixture[str]
):
    assert main(["estimate", "--environment", "prod", "--lines"]) == 0

    said = capsys.readouterr().out
    assert "base: Bucket" in said
    assert "Prices of 2" in said
    assert "storage: 20 GB a bucket" in said


def test_a_difference_against_a_file_is_said(
    templates: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "before.json"
    assert main(["estimate", "--json", str(file)]) == 0
    assert main(["estimate", "--against", str(file)]) == 0
    assert "No difference in cost" in capsys.readouterr().out

    document = json.loads(file.read_text())
    document["lines"][0]["usd"]["expected"] += 10
    file.write_text(json.dumps(document))
    assert main(["estimate", "--against", str(file)]) == 0
    assert "-10.00" in capsys.readouterr().out


def test_prices_of_ones_own_are_used(
    templates: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "prices.yaml"
    file.write_text('rates: {s3.gb: {usd: 100, per: GB-month, basis: "our contract"}}\n')

    assert main(["estimate", "--prices", str(file), "--lines"]) == 0

    assert "2000.00" in capsys.readouterr().out


def test_an_unknown_environment_is_named(templates: None, capsys: pytest.CaptureFixture[str]):
    assert main(["estimate", "--environment", "production"]) == 1

    assert "--environment production: use one of prod" in capsys.readouterr().err


def test_a_refused_configuration_is_said_with_its_place():
    printed = (
        "ERROR the GPU builder's size is LARGE, but so: write SMALL. (Slipway)\n"
        "   slipway-tooling/Build/Project (Project1) aws-cdk-lib.CfnProject\n"
        "Traceback (most recent call last):\n  ...\nRuntimeError: ValidationFailed\n"
    )

    assert assembly.sentences(printed) == (
        "slipway-tooling/Build/Project: the GPU builder's size is LARGE, but so: write SMALL."
        " (Slipway)"
    )


def test_any_other_failure_is_said_by_its_last_line():
    printed = "Traceback (most recent call last):\n  ...\nCatalogError: nowhere: no such file\n"

    assert assembly.sentences(printed) == "CatalogError: nowhere: no such file"
