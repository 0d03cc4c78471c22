"""Where a rule draws its line: the last value that passes, and the first that does not."""

from typing import Any

import pytest

from stacks.rules.catalogue import judge
from stacks.rules.machines import has_gpu, has_nvme, is_inferentia
from stacks.rules.template import Template, together


def found(resources: dict[str, Any], region: str = "us-east-1") -> set[str]:
    template = Template("stack", region, {"Resources": resources})
    return {rule.id for rule, _ in judge(together([template]))}


def endpoint(policy: dict[str, Any], alarms: int = 1, count: int = 2) -> dict[str, Any]:
    variant = {"VariantName": "main", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": count}
    ring = {"AlarmName": {"Ref": "Alarm"}}
    return {
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {"AlarmDescription": "docs/runbooks/endpoint.md#slow"},
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {"ProductionVariants": [variant]},
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointConfigName": {"Ref": "Config"},
                "DeploymentConfig": policy
                | {"AutoRollbackConfiguration": {"Alarms": [ring] * alarms}},
            },
        },
    }


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def canary(size: int = 50, **more: Any) -> dict[str, Any]:
    routing = {"Type": "CANARY", "CanarySize": percent(size), "WaitIntervalInSeconds": 600}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing} | more}


def linear(step: int, **more: Any) -> dict[str, Any]:
    routing = {"Type": "LINEAR", "LinearStepSize": percent(step), "WaitIntervalInSeconds": 600}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing} | more}


def rolling(batch: int) -> dict[str, Any]:
    policy = {"MaximumBatchSize": percent(batch), "WaitIntervalInSeconds": 60}
    return {"RollingUpdatePolicy": policy}


@pytest.mark.parametrize(
    ("policy", "passes"),
    [
        (canary(50), True), (canary(51), False),
        (linear(10), True), (linear(9), False), (linear(50), True), (linear(51), False),
        (rolling(5), True), (rolling(4), False), (rolling(50), True), (rolling(51), False),
    ],
)  # fmt: skip
def test_a_step_lies_within_what_sagemaker_takes(policy: dict[str, Any], passes: bool):
    assert found(endpoint(policy)) == (set() if passes else {"step-size"})


def test_ten_alarms_may_turn_a_rollout_back():
    assert found(endpoint(canary(), alarms=10)) == set()
    assert found(endpoint(canary(), alarms=11)) == {"too-many-rollback-alarms"}


def test_two_instances_can_be_split():
    assert found(endpoint(canary(), count=2)) == set()
    assert found(endpoint(canary(), count=1)) == {"too-few-to-split"}


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        # one wait and the bake; four waits, since 100 / 30 takes four steps
        (canary(TerminationWaitInSeconds=900), 1500),
        (linear(30, TerminationWaitInSeconds=900), 3300),
    ],
)
def test_a_rollout_must_have_more_time_than_it_waits(policy: dict[str, Any], waits: int):
    blue_green = policy["BlueGreenUpdatePolicy"]

    blue_green["MaximumExecutionTimeoutInSeconds"] = waits
    assert found(endpoint(policy)) == {"rollout-timeout"}
    blue_green["MaximumExecutionTimeoutInSeconds"] = waits + 1
    assert found(endpoint(policy)) == set()


@pytest.mark.parametrize(("globs", "passes"), [(8, True), (9, False)])
def test_a_trigger_has_eight_patterns_to_a_list(globs: int, passes: bool):
    push = {"Branches": {"Includes": ["main"]}, "FilePaths": {"Includes": ["a/**"] * globs}}
    triggers = [{"GitConfiguration": {"Push": [push]}}]
    properties = {"PipelineType": "V2", "Triggers": triggers}
    pipeline = {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}

    assert found({"Pipeline": pipeline}) == (set() if passes else {"trigger-globs"})


@pytest.mark.parametrize(
    ("kind", "gpu", "nvme", "inferentia"),
    [
        ("ml.g5.xlarge", True, True, False),
        ("ml.g4dn.xlarge", True, True, False),
        ("ml.g6e.2xlarge", True, True, False),
        ("ml.p3.2xlarge", True, False, False),
        ("ml.p4d.24xlarge", True, True, False),
        ("ml.c7i.xlarge", False, False, False),
        ("ml.m5d.xlarge", False, True, False),
        ("ml.inf1.xlarge", False, False, True),
        ("inf2.8xlarge", False, False, True),
        ("trn1.2xlarge", False, True, True),
    ],
)
def test_what_a_type_brings_along(kind: str, gpu: bool, nvme: bool, inferentia: bool):
    assert (has_gpu(kind), has_nvme(kind), is_inferentia(kind)) == (gpu, nvme, inferentia)
