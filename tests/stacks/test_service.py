"""The intent service on hosts: Inferentia, TLS and scaling by data."""

import math

import pytest

from catalog.sizes import ServiceSize
from stacks.service.capacity import most_hosts, rolling_percent, used_percent
from tests.stacks.conftest import Template
from tests.stacks.sized import AMI, THROUGHPUT, intent_template

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/22222222-2222-2222-2222-222222222222"
INF1 = {
    "instance": "inf1.xlarge",
    "ami": AMI,
    "cpu_units": 3072,
    "memory_mib": 6144,
    "count": 3,
    "certificate_arn": CERTIFICATE,
    "scaling": {"min": 3, "max": 9, "target_share": 0.5},
}
FARGATE = {"cpu_units": 2048, "memory_mib": 4096, "count": 2, "scaling": {"min": 1, "max": 4}}


@pytest.fixture(scope="module")
def inf1(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return intent_template(tmp_path_factory.mktemp("inf1"), INF1)


@pytest.fixture(scope="module")
def fargate(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return intent_template(tmp_path_factory.mktemp("fargate"), FARGATE)


def _container(template: Template) -> dict:
    (found,) = template.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    return found


def test_a_task_has_its_chip_locked_memory_and_hosts_of_its_own_type(inf1: Template):
    linux = _container(inf1)["LinuxParameters"]
    task = inf1.only("AWS::ECS::TaskDefinition").properties

    assert [device["HostPath"] for device in linux["Devices"]] == ["/dev/neuron0"]
    assert linux["Capabilities"]["Add"] == ["IPC_LOCK"]
    assert task["PlacementConstraints"] == [
        {"Type": "memberOf", "Expression": "attribute:ecs.instance-type == inf1.xlarge"}
    ]


def test_tasks_share_no_host_and_a_process_serves_on_each_core(inf1: Template):
    service = inf1.only("AWS::ECS::Service").properties
    variables = {item["Name"]: item["Value"] for item in _container(inf1)["Environment"]}

    assert service["PlacementConstraints"] == [{"Type": "distinctInstance"}]
    assert variables["SLIPWAY_WORKERS"] == "4"


def test_hosts_boot_from_the_pinned_image_with_encrypted_disks(inf1: Template):
    data = inf1.only("AWS::EC2::LaunchTemplate").properties["LaunchTemplateData"]

    assert data["ImageId"] == AMI
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True


def test_a_deployment_fits_on_the_host_that_waits(inf1: Template):
    service = inf1.only("AWS::ECS::Service").properties
    provider = inf1.only("AWS::ECS::CapacityProvider").properties["AutoScalingGroupProvider"]

    assert service["DeploymentConfiguration"]["MaximumPercent"] * 3 // 100 == 3 + 1
    assert provider["ManagedScaling"]["TargetCapacity"] == 75
    assert provider["ManagedTerminationProtection"] == "ENABLED"
    assert provider["ManagedDraining"] == "ENABLED"
    # the hosts that three tasks need at 75 % are four
    assert math.ceil(3 * 100 / provider["ManagedScaling"]["TargetCapacity"]) == 4


@pytest.mark.parametrize("count", range(1, 30))
def test_whatever_the_count_one_host_waits_and_a_deployment_uses_it(count: int):
    size = ServiceSize(cpu_units=1024, memory_mib=2048, count=count, instance="c7i.xlarge")

    assert count * rolling_percent(size) // 100 == count + 1
    assert most_hosts(size) >= count + 1
    assert used_percent(size) * (count + 1) <= 100 * count


def test_scaling_sets_the_count_and_a_deployment_does_not_set_it_back(inf1: Template):
    assert "DesiredCount" not in inf1.only("AWS::ECS::Service").properties
    target = inf1.only("AWS::ApplicationAutoScaling::ScalableTarget").properties
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 9)
    assert target["ResourceId"] == "service/slipway-dev/slipway-dev-intent"


@pytest.mark.parametrize(("name", "workers", "share"), [("inf1", 4, 0.5), ("fargate", 2, 0.7)])
def test_a_task_is_busy_at_a_share_of_what_its_workers_were_measured_to_bear(
    name: str, workers: int, share: float, request: pytest.FixtureRequest
):
    template: Template = request.getfixturevalue(name)
    policy = template.named(
        "AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyType", "TargetTrackingScaling"
    ).properties["TargetTrackingScalingPolicyConfiguration"]

    metric = policy["PredefinedMetricSpecification"]
    assert metric["PredefinedMetricType"] == "ALBRequestCountPerTarget"
    assert policy["TargetValue"] == THROUGHPUT * workers * share * 60


def test_slowness_adds_tasks_before_its_alarm_rings(inf1: Template):
    step = inf1.named("AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyType", "StepScaling")
    alarm = inf1.named("AWS::CloudWatch::Alarm", "AlarmName", "slipway-dev-intent-slow")
    growing = [
        item
        for item in inf1.of_type("AWS::CloudWatch::Alarm")
        if item.properties.get("AlarmActions") == [{"Ref": step.logical_id}]
    ]

    assert growing[0].properties["Threshold"] < alarm.properties["Threshold"]


def test_with_a_certificate_the_load_balancer_speaks_tls_alone(inf1: Template):
    (listener,) = inf1.of_type("AWS::ElasticLoadBalancingV2::Listener")

    assert listener.properties["Protocol"] == "HTTPS"
    assert listener.properties["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert "TLS13-1-2" in listener.properties["SslPolicy"]
    assert str(inf1.document["Outputs"]["Url"]["Value"]).count("https://") == 1


def test_alarms_on_slowness_and_failures_turn_a_deployment_back(fargate: Template):
    deployment = fargate.only("AWS::ECS::Service").properties["DeploymentConfiguration"]
    names = {
        item.properties["AlarmName"]
        for item in fargate.of_type("AWS::CloudWatch::Alarm")
        if "AlarmName" in item.properties
    }

    assert deployment["Alarms"]["Rollback"] is True
    assert set(deployment["Alarms"]["AlarmNames"]) <= names
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


def test_no_tasks_at_all_pages_and_silence_counts_as_none(fargate: Template):
    alarm = fargate.named("AWS::CloudWatch::Alarm", "AlarmName", "slipway-dev-intent-no-tasks")
    page = fargate.only("AWS::CloudWatch::CompositeAlarm")

    assert alarm.properties["TreatMissingData"] == "breaching"
    assert alarm.logical_id in str(page.properties["AlarmRule"])


def test_a_task_writes_nowhere_but_into_its_own_volume(fargate: Template):
    container = _container(fargate)

    assert container["ReadonlyRootFilesystem"] is True
    assert [point["ContainerPath"] for point in container["MountPoints"]] == ["/tmp"]


def test_the_load_balancer_writes_its_log_below_its_own_name(fargate: Template):
    balancer = fargate.only("AWS::ElasticLoadBalancingV2::LoadBalancer").properties
    attributes = {item["Key"]: item["Value"] for item in balancer["LoadBalancerAttributes"]}

    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.prefix"] == "alb/slipway-dev-intent"


def test_a_request_may_end_before_its_task_is_stopped(fargate: Template):
    group = fargate.only("AWS::ElasticLoadBalancingV2::TargetGroup").properties
    attributes = {item["Key"]: item["Value"] for item in group["TargetGroupAttributes"]}

    assert int(attributes["deregistration_delay.timeout_seconds"]) >= 20
    assert _container(fargate)["StopTimeout"] > 20  # the service drains for 20 seconds
