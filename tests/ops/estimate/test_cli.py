"""The command as people call it, with the shipped environments."""

import json
from pathlib import Path

import pytest

from ops.__main__ import main
from stacks.rules.template import Template
from tests.ops.estimate.test_targets import measured_release


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small stack in place of a synth of seconds."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {}}
    made = Template("slipway-prod-base", "us-east-1", {"Resources": {"Bucket": bucket}})
    monkeypatch.setattr("ops.estimate.cli.synthesise", lambda *_: [made])


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


def test_the_cheapest_target_of_a_release_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "release.json"
    file.write_text(json.dumps(measured_release().to_json()))

    assert main(["estimate", "--targets", "--release", str(file), "--rate", "1000"]) == 0

    said = capsys.readouterr().out
    (best,) = [line for line in said.splitlines() if "cheapest" in line]
    assert "g5 ml.g5.xlarge" in best
    assert "Measured on a test" in said
