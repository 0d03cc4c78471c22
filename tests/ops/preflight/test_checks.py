"""Each check against an account that has the thing, and one that has not."""

import json

import pytest

from catalog.environment import Environment
from catalog.images import image_tag
from catalog.monitoring import Monitoring
from catalog.pipeline import Builder
from ops.estimate.assembly import ROOT
from ops.preflight import exposure, hardware, needs, quotas, tooling
from ops.preflight.finding import Finding
from ops.preflight.run import Check
from tests.ops.preflight.conftest import World

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


def find(check: Check, world: World) -> list[Finding]:
    return list(check(world.trip))


def only(check: Check, world: World) -> Finding:
    (finding,) = find(check, world)
    return finding


def change(world: World, **update: object) -> None:
    """Change the environment that is asked for."""
    environment: Environment = world.trip.environment.model_copy(update=update)
    object.__setattr__(world.trip, "environment", environment)


def test_enough_quota_for_both_fleets_of_a_rollout_passes(world: World):
    assert {item.verdict for item in find(quotas.endpoints, world)} == {"pass"}


def test_a_quota_below_the_first_deployment_fails_and_says_what_to_ask_for(world: World):
    world.fake.quotas["ml.g5.xlarge for endpoint usage"] = 0

    failed = next(item for item in find(quotas.endpoints, world) if item.verdict == "fail")

    assert failed.says.startswith("ml.g5.xlarge for endpoint usage: 0, and instances of endpoint")
    assert failed.remedy == "ask for 24 in Service Quotas, under 'ml.g5.xlarge for endpoint usage'"


def test_a_quota_that_a_rollout_at_the_maximum_exceeds_warns(world: World):
    world.fake.quotas["ml.inf1.xlarge for endpoint usage"] = 6

    assert "warn" in {item.verdict for item in find(quotas.endpoints, world)}


def test_a_quota_that_is_not_listed_is_unknown(world: World):
    world.fake.quotas.clear()

    assert {item.verdict for item in find(quotas.endpoints, world)} == {"unknown"}


def test_hosts_count_in_virtual_cores_of_their_kind(world: World):
    world.fake.quotas["Running On-Demand Inf instances"] = 100

    found = only(quotas.hosts, world)

    # 3 x 4 for the service, 4 x 24 for the batch job; at most 9 x 4 and 4 x 24
    assert found.verdict == "fail"
    assert "start with 108" in found.says
    assert "ask for 132" in found.remedy


def test_builds_need_as_many_as_run_at_once(world: World):
    world.fake.quotas["Concurrently running builds for Linux GPU Small environment"] = 0

    verdicts = {item.says.split(":")[0]: item.verdict for item in find(quotas.builds, world)}

    assert verdicts == {
        "Concurrently running builds for Linux/Large environment": "pass",
        "Concurrently running builds for Linux GPU Small environment": "fail",
        "Concurrently running builds for Linux/XLarge environment": "pass",
    }


def test_a_region_without_the_gpu_builder_fails(world: World):
    assert only(tooling.gpu_builder, world).verdict == "pass"

    pipeline = world.trip.pipeline.model_copy(update={"region": "us-east-2"})
    object.__setattr__(world.trip, "pipeline", pipeline)

    assert only(tooling.gpu_builder, world).verdict == "fail"


def test_a_build_that_runs_as_a_job_needs_no_gpu_builder(world: World):
    builders = {"g5": Builder(where="job")}
    update = {"region": "us-east-2", "builders": builders}
    object.__setattr__(world.trip, "pipeline", world.trip.pipeline.model_copy(update=update))

    assert find(tooling.gpu_builder, world) == []
    asked = only(quotas.builds, world)
    assert asked.says == "quota 'ml.g5.xlarge for processing job usage' is not listed here"


@pytest.mark.parametrize(
    ("status", "verdict"), [("AVAILABLE", "pass"), ("PENDING", "fail"), (None, "fail")]
)
def test_a_connection_needs_its_handshake(world: World, status: str | None, verdict: str):
    world.fake.connection = status

    found = only(tooling.connection, world)

    assert found.verdict == verdict
    assert bool(found.remedy) == (verdict == "fail")


def bootstrap_both(world: World, version: str, trusted: str) -> None:
    for client in (world.here("ssm"), world.tooling("ssm")):
        client.put_parameter(Name=BOOTSTRAP, Value=version, Type="String")
    statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
    name = world.trip.here.bootstrap_role("deploy-role")
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.here("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)


def test_accounts_that_are_bootstrapped_and_trust_the_tooling_pass(world: World):
    bootstrap_both(world, "31", world.trip.tooling.account)

    assert {item.verdict for item in find(tooling.bootstrap, world)} == {"pass"}


def test_an_account_that_does_not_trust_the_tooling_gets_the_command(world: World):
    bootstrap_both(world, "31", "999999999999")

    failed = next(item for item in find(tooling.bootstrap, world) if item.verdict == "fail")

    assert failed.check == "bootstrap-trust"
    assert f"--trust {world.trip.tooling.account}" in failed.remedy


def test_an_old_bootstrap_fails(world: World):
    bootstrap_both(world, "5", world.trip.tooling.account)

    says = [item.says for item in find(tooling.bootstrap, world) if item.verdict == "fail"]

    assert len(says) == 2
    assert all("has bootstrap version 5, needed is 8" in item for item in says)


def test_an_account_without_bootstrap_fails(world: World):
    says = [item.says for item in find(tooling.bootstrap, world)]

    assert says == [
        f"{world.trip.tooling.account}/us-east-1 is not bootstrapped",
        f"{world.trip.here.account}/us-east-1 is not bootstrapped",
    ]


def test_images_that_are_not_pushed_yet_warn_and_pushed_ones_pass(world: World):
    ecr = world.tooling("ecr")
    ecr.create_repository(repositoryName="slipway/build")
    tag = image_tag("build", ROOT)
    ecr.put_image(repositoryName="slipway/build", imageManifest="{}", imageTag=tag)

    missing, there = find(tooling.images, world)

    assert (missing.verdict, there.verdict) == ("warn", "pass")
    assert there.says == f"there: slipway/build:{tag}"
    for runtime in ("triton", "torchserve", "batch", "neuron1"):
        assert f"slipway/{runtime}" in missing.says


def test_what_looks_for_drift_needs_its_image_and_a_machine_and_only_where_somebody_looks(
    world: World,
):
    assert "drift" in tooling.runtimes(world.trip)
    assert "drift" in {item.what for item in needs.processing_needs(world.trip.environment)}

    change(world, monitoring=Monitoring(engine="off"))

    assert "drift" not in tooling.runtimes(world.trip)
    assert "drift" not in {item.what for item in needs.processing_needs(world.trip.environment)}


def test_zones_that_do_not_exist_fail_with_those_that_do(world: World):
    assert only(hardware.zones, world).verdict == "pass"

    world.fake.zones = ("us-east-1a", "us-east-1d")

    found = only(hardware.zones, world)
    assert found.verdict == "fail"
    assert "us-east-1d" in found.remedy


def test_hosts_need_their_type_in_the_zones(world: World):
    assert {item.verdict for item in find(hardware.offerings, world)} == {"pass"}

    world.fake.offered = {"inf1.xlarge": ("us-east-1a", "us-east-1f")}

    some, none = find(hardware.offerings, world)
    assert (some.verdict, none.verdict) == ("warn", "fail")
    assert some.says == "inf1.xlarge is not in us-east-1b, us-east-1c"
    assert none.says.endswith("has inf1.6xlarge")


@pytest.mark.parametrize(
    ("image", "verdict"),
    [
        ({"State": "available", "Name": "al2023-ami-ecs-neuron-hvm"}, "pass"),
        ({"State": "available", "Name": "ubuntu-22.04"}, "warn"),
        ({"State": "failed", "Name": "al2023-ami-ecs-neuron-hvm"}, "fail"),
        (None, "fail"),
    ],
)
def test_a_pinned_image_must_be_a_neuron_image(world: World, image: dict | None, verdict: str):
    world.fake.image = image

    assert only(hardware.host_images, world).verdict == verdict


def test_a_network_of_the_same_range_warns_unless_it_is_our_own(world: World):
    tags = [{"Key": "Name", "Value": "slipway-prod-base/Network/Vpc"}]
    world.fake.vpcs = [{"VpcId": "vpc-1", "CidrBlock": "10.30.0.0/16", "Tags": tags}]
    assert only(hardware.networks, world).verdict == "pass"

    world.fake.vpcs = [{"VpcId": "vpc-2", "CidrBlock": "10.30.0.0/16"}]
    assert only(hardware.networks, world).says == "vpc-2 has the range 10.30.0.0/16 too"


def test_a_certificate_that_is_absent_fails_and_none_at_all_warns(world: World):
    assert only(exposure.certificates, world).says == "the certificate of service intent is absent"

    intent = world.trip.environment.services["intent"].model_copy(update={"certificate_arn": None})
    change(world, services={"intent": intent})

    assert only(exposure.certificates, world).verdict == "warn"


def test_an_issued_certificate_passes(world: World):
    arn = world.here("acm").request_certificate(DomainName="intent.example.com")["CertificateArn"]
    service = world.trip.environment.services["intent"]
    change(world, services={"intent": service.model_copy(update={"certificate_arn": arn})})

    assert only(exposure.certificates, world).verdict == "pass"


def test_topics_that_do_not_exist_yet_warn(world: World):
    assert {item.verdict for item in find(exposure.subscriptions, world)} == {"warn"}


def test_mails_that_are_confirmed_pass(world: World):
    sns = world.here("sns")
    for level in exposure.LEVELS:
        topic = sns.create_topic(Name=f"slipway-prod-{level}")["TopicArn"]
        for mail in getattr(world.trip.environment.alarms, level):
            sns.subscribe(
                TopicArn=topic, Protocol="email", Endpoint=mail, ReturnSubscriptionArn=True
            )

    assert {item.verdict for item in find(exposure.subscriptions, world)} == {"pass"}


def test_alarms_that_reach_nobody_warn(world: World):
    nobody = world.trip.environment.alarms.model_copy(update={"page": (), "inform": ()})
    change(world, alarms=nobody)

    assert only(exposure.subscriptions, world).says == "alarms reach nobody"


def test_model_monitor_is_asked_for_only_where_it_is_wanted(world: World):
    assert find(exposure.model_monitor, world) == []

    wanted = world.trip.environment.monitoring.model_copy(update={"engine": "model-monitor"})
    change(world, monitoring=wanted)
    assert only(exposure.model_monitor, world).verdict == "unknown"

    world.fake.schedules = [{"MonitoringScheduleName": "old"}]
    assert only(exposure.model_monitor, world).verdict == "pass"
