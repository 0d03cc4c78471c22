import pytest

from catalog import load
from catalog.environment import Rollout
from catalog.release import ReleaseContext
from stacks.endpoint.rollout import LONGEST_SECONDS, deployment_config
from tests.stacks.conftest import Template
from tests.stacks.release import TAG, sample_release

ENDPOINTS = [(env, name) for env in ("dev", "staging", "prod") for name in ("search", "ads")]


@pytest.fixture(scope="module")
def release() -> ReleaseContext:
    return sample_release()


def container(template: Template) -> dict:
    return template.only("AWS::SageMaker::Model").properties["PrimaryContainer"]


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_name_and_variant_are_the_same_for_ever(
    templates: dict[str, Template], env: str, name: str
):
    template = templates[f"slipway-{env}-{name}"]

    endpoint = template.only("AWS::SageMaker::Endpoint").properties
    config = template.only("AWS::SageMaker::EndpointConfig").properties
    assert endpoint["EndpointName"] == f"slipway-{env}-{name}"
    assert [variant["VariantName"] for variant in config["ProductionVariants"]] == ["main"]


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_what_changes_with_a_release_has_no_name(
    templates: dict[str, Template], env: str, name: str
):
    """CloudFormation replaces both before it drops the old ones: a fixed name would collide."""
    template = templates[f"slipway-{env}-{name}"]

    assert "ModelName" not in template.only("AWS::SageMaker::Model").properties
    assert "EndpointConfigName" not in template.only("AWS::SageMaker::EndpointConfig").properties


def test_search_loads_models_on_demand_from_the_folder_of_the_release(
    templates: dict[str, Template], release: ReleaseContext
):
    search = container(templates["slipway-dev-search"])

    assert search["Mode"] == "MultiModel"
    assert search["ModelDataUrl"]["Fn::Join"][1][-1] == f"/live/search/{release.hex}/"
    assert search["Image"].endswith(f"/slipway/triton:{TAG}")


def test_ads_gets_every_archive_of_the_folder_uncompressed(
    templates: dict[str, Template], release: ReleaseContext
):
    ads = container(templates["slipway-dev-ads"])

    source = ads["ModelDataSource"]["S3DataSource"]
    assert source["S3DataType"] == "S3Prefix"
    assert source["CompressionType"] == "None"
    assert source["S3Uri"]["Fn::Join"][1][-1] == f"/live/ads/{release.hex}/"
    assert ads["Image"].endswith(f"/slipway/torchserve:{TAG}")
    assert "Mode" not in ads


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_the_fleet_is_what_the_environment_says(
    templates: dict[str, Template], env: str, name: str
):
    size = load.load_environment(env).endpoints[name]

    config = templates[f"slipway-{env}-{name}"].only("AWS::SageMaker::EndpointConfig").properties
    (variant,) = config["ProductionVariants"]
    assert variant["InstanceType"] == size.instance
    assert variant["InitialInstanceCount"] == size.count
    assert "KmsKeyId" not in config
    assert "VolumeSizeInGB" not in variant


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_a_fleet_of_two_rolls_back_on_its_alarms(
    templates: dict[str, Template], env: str, name: str
):
    template = templates[f"slipway-{env}-{name}"]
    endpoint = template.only("AWS::SageMaker::Endpoint")
    alarms = [item.logical_id for item in template.of_type("AWS::CloudWatch::Alarm")]

    config = endpoint.properties.get("DeploymentConfig")
    if load.load_environment(env).endpoints[name].count < 2:
        assert config is None
    else:
        watched = config["AutoRollbackConfiguration"]["Alarms"]
        assert [item["AlarmName"]["Ref"] for item in watched] == alarms
        routing = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        assert routing["Type"] == "CANARY"
    assert set(endpoint.body["DependsOn"]) == set(alarms)


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_alarms_say_what_silence_means(templates: dict[str, Template], env: str, name: str):
    limits = load.load_environment(env).alarms
    alarms = templates[f"slipway-{env}-{name}"].of_type("AWS::CloudWatch::Alarm")
    by_metric = {item.properties["MetricName"]: item.properties for item in alarms}

    latency = by_metric["ModelLatency"]
    assert latency["ExtendedStatistic"] == "p99"
    assert latency["Threshold"] == limits.p99_ms * 1000
    assert by_metric["Invocation5XXErrors"]["Threshold"] == limits.error_percent / 100
    for properties in by_metric.values():
        assert properties["TreatMissingData"] == "notBreaching"
        assert properties["AlarmName"].startswith(f"slipway-{env}-{name}-")


def test_a_rollout_may_take_longer_than_its_waits():
    linear = Rollout(policy="linear", step_percent=10, wait_seconds=300, bake_seconds=600)
    slowest = Rollout(policy="linear", step_percent=10, wait_seconds=3600, bake_seconds=3600)

    policy = deployment_config(linear, []).blue_green_update_policy
    assert policy.maximum_execution_timeout_in_seconds > 10 * 300 + 600
    policy = deployment_config(slowest, []).blue_green_update_policy
    assert policy.maximum_execution_timeout_in_seconds == LONGEST_SECONDS
