"""Endpoints on G5 and Inf1, as examples/aws has them: what differs from the CPU's, and why."""

import json
import re
from typing import Any

from catalog.environment import Rollout
from stacks.shift.machine import ShiftPlan, definition
from tests.stacks.conftest import Template

SEARCH, ADS = "slipway-prod-search", "slipway-prod-ads"


def config_of(template: Template) -> dict[str, Any]:
    return template.only("AWS::SageMaker::EndpointConfig").properties


def alarm_names(template: Template) -> set[str]:
    found = template.of_type("AWS::CloudWatch::Alarm")
    return {item.properties["AlarmName"] for item in found if "AlarmName" in item.properties}


def targets(template: Template) -> dict[str, dict[str, Any]]:
    found = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    return {item.properties["ResourceId"]: item.properties for item in found}


def test_g5_has_the_driver_of_its_image_and_leaves_its_nvme_disks_alone(
    accounts: dict[str, Template],
):
    config = config_of(accounts[SEARCH])

    (variant,) = config["ProductionVariants"]
    assert variant["InferenceAmiVersion"] == "al2023-ami-sagemaker-inference-gpu-4-1"
    assert "KmsKeyId" not in config
    assert "VolumeSizeInGB" not in variant


def test_inf1_has_no_ami_of_its_own_and_an_encrypted_disk(accounts: dict[str, Template]):
    config = config_of(accounts[ADS])

    assert "KmsKeyId" in config
    assert all("InferenceAmiVersion" not in item for item in config["ProductionVariants"])


def test_captures_go_to_the_environments_bucket_under_its_key(accounts: dict[str, Template]):
    model = accounts[SEARCH].only("AWS::SageMaker::Model").properties

    variables = model["PrimaryContainer"]["Environment"]
    assert variables["SLIPWAY_CAPTURE_SHARE"] == "0.1"
    assert variables["SLIPWAY_CAPTURE"]["Fn::Join"][1][-1] == "/capture"
    assert "SLIPWAY_CAPTURE_KMS_KEY" in variables
    assert (variables["SLIPWAY_ENDPOINT"], variables["SLIPWAY_VARIANT"]) == (SEARCH, "main")
    # SageMaker's own records do not name the model: they are for its Model Monitor alone
    assert "DataCaptureConfig" not in config_of(accounts[SEARCH])


def test_a_gpu_endpoint_is_turned_back_by_at_most_ten_alarms_its_memory_among_them(
    accounts: dict[str, Template],
):
    endpoint = accounts[SEARCH].only("AWS::SageMaker::Endpoint").properties

    watched = endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert len(watched) <= 10
    kinds = {item["AlarmName"]["Ref"] for item in watched}
    assert any("GpuMemory" in kind for kind in kinds)
    assert not any("CacheMisses" in kind or "Loading" in kind for kind in kinds)  # always at first


def test_silence_rings_only_where_somebody_is_woken(accounts: dict[str, Template]):
    assert f"{SEARCH}-silent" in alarm_names(accounts[SEARCH])
    assert "slipway-staging-search-silent" not in alarm_names(accounts["slipway-staging-search"])


def test_inf1_has_two_variants_and_never_a_deployment_config(accounts: dict[str, Template]):
    for stack in (ADS, "slipway-staging-ads"):
        template = accounts[stack]
        variants = config_of(template)["ProductionVariants"]
        assert [item["VariantName"] for item in variants] == ["blue", "green"]
        assert [item["InitialVariantWeight"] for item in variants] == [1, 0]
        endpoint = template.only("AWS::SageMaker::Endpoint").properties
        assert set(endpoint) == {"EndpointName", "EndpointConfigName"}


def test_where_all_moves_at_once_one_variant_is_enough(accounts: dict[str, Template]):
    template = accounts["slipway-dev-ads"]

    variants = config_of(template)["ProductionVariants"]
    assert [item["VariantName"] for item in variants] == ["main"]
    assert template.of_type("AWS::StepFunctions::StateMachine") == []
    assert "DeploymentConfig" not in template.only("AWS::SageMaker::Endpoint").properties


def test_blue_is_what_cloudformation_finds_in_the_parameter_of_the_environment(
    accounts: dict[str, Template],
):
    template = accounts[ADS]
    models = template.of_type("AWS::SageMaker::Model")
    (blue,) = [item.properties for item in models if "blue" in item.logical_id]
    parameters = template.document["Parameters"]
    (read,) = [name for name, item in parameters.items() if "/before" in item.get("Default", "")]

    assert parameters[read]["Type"] == "AWS::SSM::Parameter::Value<String>"
    assert parameters[read]["Default"] == "/slipway/prod/ads/before"
    halves = {"Fn::Split": ["|", {"Ref": read}]}
    assert blue["PrimaryContainer"]["Image"] == {"Fn::Select": [0, halves]}
    base = accounts["slipway-prod-base"]
    assert base.named("AWS::SSM::Parameter", "Name", parameters[read]["Default"])


def test_the_shift_may_touch_its_own_endpoint_alone(accounts: dict[str, Template]):
    template = accounts[ADS]
    machine = template.only("AWS::StepFunctions::StateMachine").properties
    statements = template.statements_of(machine["RoleArn"])

    allowed = {
        action: item["Resource"]
        for item in statements
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
        if action.startswith("sagemaker:")
    }
    arn = "arn:aws:sagemaker:us-east-1:444444444444:endpoint/slipway-prod-ads"
    assert set(allowed) == {
        "sagemaker:DescribeEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
    }
    assert set(allowed.values()) == {arn}
    assert machine["StateMachineName"] == "slipway-prod-ads-shift"


def test_a_fleet_that_scales_starts_a_release_at_its_maximum(accounts: dict[str, Template]):
    """An update resets the count that scaling has reached."""
    (variant,) = config_of(accounts[SEARCH])["ProductionVariants"]

    assert variant["InitialInstanceCount"] == 12


def test_the_load_that_is_held_is_a_share_of_the_measured_throughput(
    accounts: dict[str, Template],
):
    template = accounts[SEARCH]
    policies = template.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    (tracking,) = [
        found["TargetTrackingScalingPolicyConfiguration"]
        for item in policies
        if "TargetTrackingScalingPolicyConfiguration" in (found := item.properties)
    ]

    assert tracking["TargetValue"] == 100 * 0.6 * 60  # a second, the share, a minute
    steps = [item for item in policies if "StepScalingPolicyConfiguration" in item.properties]
    assert len(steps) == 2  # p99, GPU memory


def test_nights_have_bounds_of_their_own(accounts: dict[str, Template]):
    search = targets(accounts[SEARCH])["endpoint/slipway-prod-search/variant/main"]

    assert (search["MinCapacity"], search["MaxCapacity"]) == (4, 12)
    found = {item["Schedule"]: item["ScalableTargetAction"] for item in search["ScheduledActions"]}
    assert found == {
        "cron(0 22 * * ? *)": {"MinCapacity": 2, "MaxCapacity": 6},
        "cron(0 6 * * ? *)": {"MinCapacity": 4, "MaxCapacity": 12},
    }


def test_a_variant_at_rest_may_shrink_to_one_machine(accounts: dict[str, Template]):
    found = targets(accounts[ADS])

    blue, green = (found[f"endpoint/{ADS}/variant/{name}"] for name in ("blue", "green"))
    assert (blue["MinCapacity"], green["MinCapacity"]) == (1, 2)
    assert blue["MaxCapacity"] == green["MaxCapacity"] == 6


def test_every_state_of_the_shift_leads_somewhere_and_every_change_can_be_undone():
    document = definition(ShiftPlan("e", ["a"], Rollout(policy="canary"), 1))
    states = document["States"]

    named = set(re.findall(r'"(?:Next|Default)": "([^"]+)"', json.dumps(document)))
    assert named <= set(states)
    assert set(states) - named == {document["StartAt"]}
    for name in ("Move", "Alarms"):
        assert [caught["Next"] for caught in states[name]["Catch"]] == ["TurnBack"]
    assert states["TurnBack"]["Retry"][0]["MaxAttempts"] >= 60


def test_the_history_of_the_longest_shift_stays_below_aws_limit():
    longest = Rollout(policy="linear", step_percent=5, wait_seconds=3600, bake_seconds=3600)
    looks = 3600 / ShiftPlan("e", ["a"], longest, 1).poll_seconds
    events_of_a_look = 9  # Watch, Alarms and Decide: entered, scheduled, started, ended, left

    assert 21 * (looks * events_of_a_look + 10) < 25_000
