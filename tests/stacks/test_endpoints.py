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


def config_of(template: Template) -> dict:
    return template.only("AWS::SageMaker::EndpointConfig").properties


def alarms_of(template: Template) -> dict[str, dict]:
    found = template.of_type("AWS::CloudWatch::Alarm")
    return {item.properties.get("AlarmName", item.logical_id): item.properties for item in found}


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_name_and_variant_are_the_same_for_ever(
    templates: dict[str, Template], env: str, name: str
):
    template = templates[f"slipway-{env}-{name}"]

    endpoint = template.only("AWS::SageMaker::Endpoint").properties
    assert endpoint["EndpointName"] == f"slipway-{env}-{name}"
    variants = config_of(template)["ProductionVariants"]
    assert [variant["VariantName"] for variant in variants] == ["main"]


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_what_changes_with_a_release_has_no_name(
    templates: dict[str, Template], env: str, name: str
):
    """CloudFormation replaces both before it drops the old ones: a fixed name would collide."""
    template = templates[f"slipway-{env}-{name}"]

    assert "ModelName" not in template.only("AWS::SageMaker::Model").properties
    assert "EndpointConfigName" not in config_of(template)


def test_search_loads_models_on_demand_from_the_folder_of_the_release(
    templates: dict[str, Template], release: ReleaseContext
):
    search = container(templates["slipway-dev-search"])

    assert search["Mode"] == "MultiModel"
    assert search["ModelDataUrl"]["Fn::Join"][1][-1] == f"/live/search/{release.hex}/cpu/"
    assert search["Image"].endswith(f"/slipway/triton:{TAG}")
    assert search["Environment"]["SAGEMAKER_TRITON_LOG_VERBOSE"] == "false"
    assert search["Environment"]["SAGEMAKER_TRITON_ALLOW_METRICS"] == "true"


def test_ads_gets_every_archive_of_the_folder_uncompressed(
    templates: dict[str, Template], release: ReleaseContext
):
    ads = container(templates["slipway-dev-ads"])

    source = ads["ModelDataSource"]["S3DataSource"]
    assert source["S3DataType"] == "S3Prefix"
    assert source["CompressionType"] == "None"
    assert source["S3Uri"]["Fn::Join"][1][-1] == f"/live/ads/{release.hex}/cpu/"
    assert ads["Image"].endswith(f"/slipway/torchserve:{TAG}")
    assert "Mode" not in ads


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_containers_reach_s3_at_most_and_only_to_keep_records(
    templates: dict[str, Template], env: str, name: str
):
    template = templates[f"slipway-{env}-{name}"]

    model = template.only("AWS::SageMaker::Model").properties
    group = template.only("AWS::EC2::SecurityGroup")
    captures = load.load_environment(env).monitoring.captures_itself
    assert model["EnableNetworkIsolation"] is not captures
    assert ("SLIPWAY_CAPTURE" in model["PrimaryContainer"]["Environment"]) is captures
    assert len(model["VpcConfig"]["Subnets"]) == len(load.load_environment(env).network.zones)
    (attached,) = model["VpcConfig"]["SecurityGroupIds"]
    assert attached["Fn::GetAtt"][0] == group.logical_id
    assert [rule["FromPort"] for rule in group.properties["SecurityGroupEgress"]] == [443]
    assert "SecurityGroupIngress" not in group.properties


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_the_fleet_is_what_the_environment_says(
    templates: dict[str, Template], env: str, name: str
):
    size = load.load_environment(env).endpoints[name]

    config = config_of(templates[f"slipway-{env}-{name}"])
    (variant,) = config["ProductionVariants"]
    assert variant["InstanceType"] == size.instance
    assert variant["InitialInstanceCount"] == size.count
    assert "KmsKeyId" in config
    assert "VolumeSizeInGB" not in variant
    assert "DataCaptureConfig" not in config
    assert config["MetricsConfig"]["MetricPublishFrequencyInSeconds"] == 10


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_a_fleet_of_two_rolls_back_on_its_alarms(
    templates: dict[str, Template], env: str, name: str
):
    template = templates[f"slipway-{env}-{name}"]
    endpoint = template.only("AWS::SageMaker::Endpoint")
    names = {item.logical_id: item.properties["AlarmName"] for item in _alarms(template)}

    config = endpoint.properties.get("DeploymentConfig")
    guards = {name for name in names if names[name].endswith(("-slow", "-failing", "-errors"))}
    if load.load_environment(env).endpoints[name].count < 2:
        assert config is None
    else:
        watched = config["AutoRollbackConfiguration"]["Alarms"]
        assert {item["AlarmName"]["Ref"] for item in watched} == guards
        routing = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        assert routing["Type"] == "CANARY"
    assert set(endpoint.body["DependsOn"]) == guards


@pytest.mark.parametrize(("env", "name"), ENDPOINTS)
def test_alarms_say_what_silence_and_few_calls_mean(
    templates: dict[str, Template], env: str, name: str
):
    limits = load.load_environment(env).alarms
    alarms = alarms_of(templates[f"slipway-{env}-{name}"])

    latency = alarms[f"slipway-{env}-{name}-slow"]
    (watched,) = [query for query in latency["Metrics"] if query["Id"] == "value"]
    assert watched["MetricStat"]["Stat"] == "p99"
    assert latency["Threshold"] == limits.p99_ms * 1000
    (expression,) = [query["Expression"] for query in latency["Metrics"] if "Expression" in query]
    assert expression == "IF(samples >= 20, value, 0)"  # the p99 of three calls is their maximum
    failing = alarms[f"slipway-{env}-{name}-failing"]
    assert failing["Threshold"] == limits.error_percent / 100
    (expression,) = [query["Expression"] for query in failing["Metrics"] if "Expression" in query]
    assert expression == "IF(samples >= 5, value, 0)"
    for properties in alarms.values():
        assert properties["TreatMissingData"] == "notBreaching"


def test_one_alarm_pages_for_all_and_every_alarm_informs(templates: dict[str, Template]):
    template = templates["slipway-prod-search"]

    page = template.only("AWS::CloudWatch::CompositeAlarm").properties
    assert page["AlarmName"] == "slipway-prod-search-page"
    assert "AlarmActions" not in page  # the environment's pages, once for all of them
    whole = templates["slipway-prod-monitoring"].only("AWS::CloudWatch::CompositeAlarm").properties
    assert whole["AlarmActions"] == [_topic("page")] == whole["OKActions"]
    assert "alarm:slipway-prod-search-page" in whole["AlarmRule"]
    for properties in alarms_of(template).values():
        assert properties["AlarmActions"] == [_topic("inform")] == properties["OKActions"]


def test_a_rollout_may_take_longer_than_its_waits():
    linear = Rollout(policy="linear", step_percent=10, wait_seconds=300, bake_seconds=600)
    slowest = Rollout(policy="linear", step_percent=10, wait_seconds=3600, bake_seconds=3600)

    policy = deployment_config(linear, []).blue_green_update_policy
    assert policy.maximum_execution_timeout_in_seconds > 10 * 300 + 600
    policy = deployment_config(slowest, []).blue_green_update_policy
    assert policy.maximum_execution_timeout_in_seconds == LONGEST_SECONDS


def _alarms(template: Template) -> list:
    return template.of_type("AWS::CloudWatch::Alarm")


def _topic(severity: str) -> str:
    return f"arn:aws:sns:us-east-1:000000000000:slipway-prod-{severity}"
