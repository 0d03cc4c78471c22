import pytest

from catalog import load
from tests.stacks.conftest import Template, as_list
from tests.stacks.release import TAG, sample_release


@pytest.fixture(scope="module")
def intent(templates: dict[str, Template]) -> Template:
    return templates["slipway-prod-intent"]


@pytest.fixture(scope="module")
def container(intent: Template) -> dict:
    (found,) = intent.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    return found


def test_the_task_gets_its_artifact_by_digest(container: dict):
    archive = sample_release().manifests["intent"]["cpu"].archive
    variables = {item["Name"]: item["Value"] for item in container["Environment"]}

    assert variables["SLIPWAY_ARTIFACT_SHA256"] == archive.sha256
    assert variables["SLIPWAY_ARTIFACT"]["Fn::Join"][1][-1] == f"/content/{archive.sha256}"
    assert container["Image"]["Fn::Join"][1][-1] == f"/slipway/intent:{TAG}"


def test_a_failing_deployment_turns_back_while_the_old_tasks_serve(intent: Template):
    service = intent.only("AWS::ECS::Service").properties

    deployment = service["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100
    assert service["DesiredCount"] == load.load_environment("prod").services["intent"].count
    assert service["ServiceName"] == "slipway-prod-intent"


def test_the_load_balancer_is_internal_and_asks_readyz(intent: Template):
    balancer = intent.only("AWS::ElasticLoadBalancingV2::LoadBalancer").properties
    group = intent.only("AWS::ElasticLoadBalancingV2::TargetGroup").properties

    assert balancer["Scheme"] == "internal"
    assert group["HealthCheckPath"] == "/readyz"


def test_no_one_outside_the_vpc_is_let_in(intent: Template):
    groups = intent.of_type("AWS::EC2::SecurityGroup")

    ingress = [rule for item in groups for rule in item.properties.get("SecurityGroupIngress", [])]
    assert len(ingress) == 1
    assert ingress[0]["CidrIp"] == load.load_environment("prod").network.cidr


def test_the_address_is_an_output(intent: Template):
    assert "DNSName" in str(intent.document["Outputs"]["Url"]["Value"])


def test_the_stack_leaves_the_roles_of_the_base_alone(intent: Template):
    """The task role is the base's; here only the role that starts tasks is made."""
    policies = intent.of_type("AWS::IAM::Policy")

    assert len(policies) == 1
    actions = {
        action
        for item in policies[0].properties["PolicyDocument"]["Statement"]
        for action in as_list(item["Action"])
    }
    assert not {action for action in actions if action.startswith("s3:")}
