"""The shipped stacks against every rule, and the rules where they look beyond one resource."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from stacks.rules.catalogue import judge
from stacks.rules.template import Template, text, together
from tests.stacks.conftest import Template as Synthesised


def as_rules_see(templates: Mapping[str, Synthesised]) -> list[Template]:
    return together(
        [Template(name, "us-east-1", item.document) for name, item in templates.items()]
    )


def said(templates: list[Template]) -> list[str]:
    return [f"{finding.resource.path}: {rule.id}" for rule, finding in judge(templates)]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def test_no_shipped_stack_breaks_a_rule(templates: dict[str, Synthesised]):
    assert said(as_rules_see(templates)) == []


def test_no_stack_of_the_accelerated_environments_breaks_a_rule(accounts: dict[str, Synthesised]):
    assert said(as_rules_see(accounts)) == []


def test_the_rules_take_a_fraction_of_a_synth(accounts: dict[str, Synthesised]):
    started = time.process_time()
    judge(as_rules_see(accounts))

    assert time.process_time() - started < 0.5


@pytest.fixture
def canary() -> dict[str, Any]:
    """A canary of two instances, in the region and stack of its own."""
    config = resource(
        "SageMaker::EndpointConfig",
        ProductionVariants=[
            {"VariantName": "main", "InstanceType": "ml.c7i.xlarge", "InitialInstanceCount": 2}
        ],
    )
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 60}
    endpoint = resource(
        "SageMaker::Endpoint",
        EndpointName="search",
        EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "search-slow"}]},
        },
    )
    endpoint["DependsOn"] = ["Alarm"]
    described = {"AlarmName": "search-slow", "AlarmDescription": "docs/runbooks/endpoint.md"}
    return {
        "Config": config, "Endpoint": endpoint, "Alarm": resource("CloudWatch::Alarm", **described)
    }  # fmt: skip


def stack(resources: dict[str, Any], name: str = "stack", **more: Any) -> Template:
    return Template(name, "us-east-1", {"Resources": resources, **more})


def test_a_canary_whose_alarm_is_made_first_passes(canary: dict[str, Any]):
    assert said(together([stack(canary)])) == []


def test_a_literal_alarm_name_without_dependency_is_refused(canary: dict[str, Any]):
    del canary["Endpoint"]["DependsOn"]

    assert said(together([stack(canary)])) == ["stack/Endpoint: unknown-rollback-alarm"]


def test_off_hours_that_leave_one_instance_are_too_few_for_a_canary(canary: dict[str, Any]):
    night = {"Schedule": "cron(0 22 * * ? *)", "ScalableTargetAction": {"MinCapacity": 1}}
    canary["Target"] = resource(
        "ApplicationAutoScaling::ScalableTarget",
        ResourceId="endpoint/search/variant/main",
        MinCapacity=2,
        MaxCapacity=4,
        ScheduledActions=[night, {"ScalableTargetAction": {"MinCapacity": 2}}],
    )

    assert said(together([stack(canary)])) == ["stack/Endpoint: too-few-to-split"]


def test_capture_into_the_bucket_of_another_stack_passes(canary: dict[str, Any]):
    export = {"Value": {"Ref": "Bucket"}, "Export": {"Name": "base:Bucket"}}
    base = stack({"Bucket": resource("S3::Bucket")}, "base", Outputs={"Bucket": export})
    uri = {"Fn::Join": ["", ["s3://", {"Fn::ImportValue": "base:Bucket"}, "/capture"]]}
    canary["Config"]["Properties"]["DataCaptureConfig"] = {"DestinationS3Uri": uri}

    assert said(together([base, stack(canary)])) == []
    assert said(together([stack(canary)])) == ["stack/Config: capture-outside"]


def test_a_metric_math_alarm_is_read_through(canary: dict[str, Any]):
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "GPUUtilization"}
    canary["Alarm"]["Properties"] |= {
        "Metrics": [
            {"Id": "rate", "Expression": "m1 * 2"},
            {"Id": "m1", "MetricStat": {"Metric": metric, "Stat": "Average", "Period": 60}},
        ]
    }

    assert said(together([stack(canary)])) == ["stack/Alarm: metric-namespace"]


def test_an_alarm_that_only_scales_needs_no_runbook(canary: dict[str, Any]):
    del canary["Alarm"]["Properties"]["AlarmDescription"]
    canary["Policy"] = resource("ApplicationAutoScaling::ScalingPolicy")
    canary["Alarm"]["Properties"]["AlarmActions"] = [{"Ref": "Policy"}]
    assert said(together([stack(canary)])) == []

    canary["Alarm"]["Properties"]["AlarmActions"].append("arn:aws:sns:us-east-1:1:page")
    assert said(together([stack(canary)])) == ["stack/Alarm: alarm-runbook"]


def test_what_only_the_deployment_knows_is_shown_by_its_name():
    assert text({"Fn::Join": ["-", ["a", {"Ref": "B"}, {"Fn::GetAtt": ["C", "Arn"]}]]}) == (
        "a-<B>-<C.Arn>"
    )
    assert text({"Fn::Sub": "s3://${Bucket}/x"}) == "s3://${Bucket}/x"
