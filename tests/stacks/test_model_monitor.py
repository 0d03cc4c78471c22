"""Model Monitor's mode: for accounts that have it, and endpoints of a single model."""

from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets

from catalog.artifact import FileEntry
from catalog.load import load_environment
from catalog.monitoring import Monitoring
from stacks.accounts import Place
from stacks.fit import Misfit
from stacks.monitoring.model_monitor import (
    SCRIPT,
    analyzer_role,
    single_models,
    watch_by_model_monitor,
)
from stacks.monitoring.served import ServedModel
from tests.stacks.conftest import Template
from tests.stacks.release import sample_release

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


def test_a_single_model_is_held_against_its_own_baseline_every_hour(tmp_path: Path):
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "s")
    store = s3.Bucket(stack, "Store")
    script = assets.Asset(stack, "Script", path=str(SCRIPT))
    place = Place("000000000000", "us-east-1")
    role = analyzer_role(stack, store=store, script=script, place=place)
    (alone,) = single_models(served("slipway-dev-ads")[:1])
    environment = load_environment("dev")

    watch_by_model_monitor(
        stack, alone, environment=environment, store=store, role=role, script=script
    )

    template = Template(assertions.Template.from_stack(stack).to_json())
    job = template.only("AWS::SageMaker::DataQualityJobDefinition").properties
    baseline = job["DataQualityBaselineConfig"]
    assert baseline["StatisticsResource"]["S3Uri"]["Fn::Join"][1][-1] == f"/content/{'1' * 64}"
    assert baseline["ConstraintsResource"]["S3Uri"]["Fn::Join"][1][-1] == f"/content/{'2' * 64}"
    assert job["DataQualityJobInput"]["EndpointInput"]["EndpointName"] == "slipway-dev-ads"
    schedule = template.only("AWS::SageMaker::MonitoringSchedule").properties
    when = schedule["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"]
    assert when == environment.monitoring.schedule
