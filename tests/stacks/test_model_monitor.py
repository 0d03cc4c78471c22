"""Model Monitor's mode: for accounts that have it, and endpoints of a single model."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.artifact import FileEntry
from catalog.load import load_environment, load_models
from catalog.monitoring import Monitoring
from catalog.release import ReleaseContext
from scripts import templates as checks
from stacks.fit import Misfit
from stacks.monitoring.model_monitor import single_models
from stacks.monitoring.served import ServedModel
from tests.stacks.conftest import ROOT, Template
from tests.stacks.release import manifest_of, release_of, sample_release

BASELINE = tuple(
    FileEntry(f"baseline/{name}.json", digest * 64, 1)
    for name, digest in (("statistics", "1"), ("constraints", "2"))
)


def served(target: str) -> list[ServedModel]:
    manifests = sample_release().served_on("endpoint", "ads")
    return [
        ServedModel(item.model, target, "endpoint", replace(item, baseline=BASELINE))
        for item in manifests
    ]


def test_it_is_refused_to_accounts_that_never_had_it():
    with pytest.raises(ValueError, match="closed Model Monitor to new customers"):
        Monitoring(engine="model-monitor")
    assert not Monitoring(engine="model-monitor", had_model_monitor=True).captures_itself


def test_an_endpoint_of_several_models_is_refused():
    with pytest.raises(Misfit, match="single model alone: set"):
        single_models(served("slipway-dev-ads"))


def one_model() -> ReleaseContext:
    """Return a release of the one model that its endpoint has to itself."""
    return release_of(replace(manifest_of(load_models()["moderation-text"]), baseline=BASELINE))


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A catalog whose only environment is watched by Model Monitor."""
    folder = tmp_path / "catalog"
    (folder / "environments").mkdir(parents=True)
    pipeline = yaml.safe_load((ROOT / "catalog/pipeline.yaml").read_text())
    row = yaml.safe_load((ROOT / "catalog/environments/dev.yaml").read_text())
    row |= {"endpoints": {"ads": row["endpoints"]["ads"]}, "services": {}, "batch": {}}
    row["monitoring"] |= {"engine": "model-monitor", "had_model_monitor": True}
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(pipeline | {"environments": ["dev"]}))
    (folder / "environments/dev.yaml").write_text(yaml.safe_dump(row))
    return folder


@pytest.mark.slow
def test_a_whole_environment_in_this_mode_breaks_no_rule_and_lints(
    watched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(checks.SETS, str(watched), one_model)
    folder = tmp_path / "out"

    assert checks.synthesise(folder, str(watched)) == []
    assert checks.lint(folder) == []
    assert checks.ask_parliament(folder) == []

    made = {
        name: Template(json.loads((folder / f"slipway-dev-{name}.template.json").read_text()))
        for name in ("ads", "monitoring")
    }
    baseline = job_of(made)["DataQualityBaselineConfig"]
    assert _key(baseline["StatisticsResource"]) == f"/content/{'1' * 64}"
    assert _key(baseline["ConstraintsResource"]) == f"/content/{'2' * 64}"
    config = made["ads"].only("AWS::SageMaker::EndpointConfig").properties
    capture = config["DataCaptureConfig"]
    job = job_of(made)
    schedule = made["monitoring"].only("AWS::SageMaker::MonitoringSchedule").properties
    when = schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]
    assert when == load_environment("dev").monitoring.schedule
    assert job["DataQualityJobInput"]["EndpointInput"]["EndpointName"] == "slipway-dev-ads"
    assert capture["EnableCapture"] is True  # SageMaker's own: it reads no other
    assert capture["DestinationS3Uri"]["Fn::Join"][1][-1] == "/capture"
    assert job["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"]
    assert job["DataQualityJobOutputConfig"]["KmsKeyId"]
    assert job["NetworkConfig"]["VpcConfig"]["Subnets"]
    rule = made["monitoring"].only("AWS::Events::Rule").properties
    assert rule["EventPattern"]["detail"] == {
        "ProcessingJobName": [{"prefix": "model-monitoring-"}],
        "ExitMessage": [{"prefix": "CompletedWithViolations"}],
    }


def job_of(made: dict[str, Template]) -> dict[str, Any]:
    return made["monitoring"].only("AWS::SageMaker::DataQualityJobDefinition").properties


def _key(resource: dict[str, Any]) -> str:
    """Return the key of an S3 URI whose bucket is another stack's."""
    return str(resource["S3Uri"]["Fn::Join"][1][-1])
