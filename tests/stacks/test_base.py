import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from catalog import load
from stacks.accounts import Place, answer_zones
from stacks.base import BaseStack
from tests.stacks.conftest import Template, as_list, context
from tests.stacks.policies import flat


def step(base: Template, name: str) -> dict:
    return base.named("AWS::Lambda::Function", "FunctionName", f"slipway-prod-{name}").properties


def allowed(base: Template, name: str) -> set[str]:
    statements = base.statements_of(step(base, name)["Role"])
    return {action for item in statements for action in as_list(item["Action"])}


def test_the_pointers_start_at_no_release(base: Template):
    parameters = base.of_type("AWS::SSM::Parameter")

    assert {item.properties["Name"]: item.properties["Value"] for item in parameters} == {
        "/slipway/prod/release": "none",
        "/slipway/prod/previous": "none",
    }


def test_the_lambdas_run_their_handlers(base: Template):
    for name in ("promote", "verify", "point"):
        function = step(base, f"{name}-release")
        assert function["Handler"] == f"lambdas.{name}_release.handler.handle"
        assert function["Runtime"] == "python3.14"
        assert function["Environment"]["Variables"]["SLIPWAY_ENVIRONMENT"] == "prod"


def test_only_point_moves_a_pointer(base: Template):
    assert "ssm:PutParameter" in allowed(base, "point-release")
    assert "ssm:PutParameter" not in allowed(base, "promote-release") | allowed(
        base, "verify-release"
    )


def test_only_verify_asks_the_models(base: Template):
    assert "sagemaker:InvokeEndpoint" in allowed(base, "verify-release")
    assert "sagemaker:InvokeEndpoint" not in allowed(base, "promote-release") | allowed(
        base, "point-release"
    )


def test_no_lambda_may_sign_or_delete(base: Template):
    for name in ("promote", "verify", "point"):
        actions = allowed(base, f"{name}-release")
        assert "kms:Verify" in actions
        assert "kms:Sign" not in actions
        deletes = {action for action in actions if "Delete" in action}
        # Lambda clears away the network interfaces that it made for `verify`
        assert deletes == ({"ec2:DeleteNetworkInterface"} if name == "verify" else set())


@pytest.mark.parametrize("endpoint", ["search", "ads"])
def test_an_endpoint_reads_its_own_live_folder_alone(base: Template, endpoint: str):
    (role,) = [
        item
        for item in base.of_type("AWS::IAM::Role")
        if item.properties.get("Description", "").endswith(f"slipway-prod-{endpoint}")
    ]

    statements = base.statements_of({"Fn::GetAtt": [role.logical_id, "Arn"]})
    (reads,) = [item for item in statements if item["Action"] == "s3:GetObject"]
    assert reads["Resource"]["Fn::Join"][1][1] == f"/live/{endpoint}/*"


def test_the_network_has_no_way_out(base: Template):
    assert not base.of_type("AWS::EC2::InternetGateway")
    assert not base.of_type("AWS::EC2::NatGateway")
    assert len(base.of_type("AWS::EC2::Subnet")) == 2


def services_in_reach(base: Template) -> set[str]:
    kinds = base.of_type("AWS::EC2::VPCEndpoint")
    names = [flat(item.properties["ServiceName"]) for item in kinds]
    return {
        name.replace("<AWS::Region>", "us-east-1").removeprefix("com.amazonaws.us-east-1.")
        for name in names
    }


NEEDED = {
    *("ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "s3", "ssm", "sts"),
    *("codepipeline", "sagemaker.api", "sagemaker.runtime", "ecs", "elasticloadbalancing"),
}


def test_awss_services_are_in_reach(base: Template):
    assert services_in_reach(base) == NEEDED


def test_hosts_of_our_own_also_reach_what_starts_their_tasks(accounts: dict[str, Template]):
    found = services_in_reach(accounts["slipway-prod-base"])

    assert found == NEEDED | {"ecs-agent", "ecs-telemetry"}


def test_whoever_is_in_the_network_reaches_the_services_and_nobody_else(base: Template):
    groups = {
        group["Fn::GetAtt"][0]
        for item in base.of_type("AWS::EC2::VPCEndpoint")
        for group in item.properties.get("SecurityGroupIds", [])
    }
    (name,) = groups
    (group,) = [r for r in base.of_type("AWS::EC2::SecurityGroup") if r.logical_id == name]
    (rule,) = group.properties["SecurityGroupIngress"]
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == ("10.30.0.0/16", 443, 443)


def test_what_flows_in_the_network_is_logged(base: Template):
    flow = base.only("AWS::EC2::FlowLog").properties

    assert flow["ResourceId"] == {"Ref": base.only("AWS::EC2::VPC").logical_id}
    assert flow["TrafficType"] == "ALL"
    assert "AccessLogs" in flat(flow["LogDestination"])


def test_only_verify_is_in_the_network_which_asks_internal_load_balancers(base: Template):
    assert "SubnetIds" in step(base, "verify-release")["VpcConfig"]
    assert "VpcConfig" not in step(base, "promote-release")
    assert "VpcConfig" not in step(base, "point-release")


# What has interfaces in the network, and where it names its security groups.
GROUPED = {
    "AWS::Batch::ComputeEnvironment": ("ComputeResources", "SecurityGroupIds"),
    "AWS::EC2::VPCEndpoint": ("SecurityGroupIds",),
    "AWS::ECS::Service": ("NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("SecurityGroups",),
    "AWS::Lambda::Function": ("VpcConfig", "SecurityGroupIds"),
    "AWS::SageMaker::Model": ("VpcConfig", "SecurityGroupIds"),
}


def test_nothing_is_in_the_default_security_group(accounts: dict[str, Template]):
    """CloudFormation cannot close it, so nothing may fall into it."""
    for name, template in accounts.items():
        for resource in template.resources:
            place = resource.properties
            first, *others = GROUPED.get(resource.kind, ("",))
            if first not in place or place.get("VpcEndpointType") == "Gateway":
                continue  # it has no interface in the network
            for key in (first, *others):
                place = place[key]
            assert place, (name, resource.logical_id)
        batch = template.of_type("AWS::Batch::ComputeEnvironment")  # it groups its hosts itself
        for host in [] if batch else template.of_type("AWS::EC2::LaunchTemplate"):
            assert host.properties["LaunchTemplateData"]["SecurityGroupIds"], name


def with_nat(folder: Path, gateways: int) -> Template:
    environment = load.load_environment("prod")
    network = environment.network.model_copy(update={"nat_gateways": gateways})
    app = cdk.App(analytics_reporting=False, outdir=str(folder), context=context())
    answer_zones(app, [environment])
    BaseStack(
        app,
        "slipway-prod-base",
        environment=environment.model_copy(update={"network": network}),
        images=Place(environment.account, environment.region),
    )
    made = app.synth().get_stack_by_name("slipway-prod-base")
    return Template(json.loads(Path(made.template_full_path).read_text()))


def private_subnets(base: Template) -> dict[str, str]:
    return {
        item.logical_id: item.properties["CidrBlock"]
        for item in base.of_type("AWS::EC2::Subnet")
        if "private" in item.logical_id
    }


def test_nat_is_added_by_data_and_moves_no_private_subnet(base: Template, tmp_path: Path):
    with_two = with_nat(tmp_path, 2)

    assert len(with_two.of_type("AWS::EC2::NatGateway")) == 2
    assert private_subnets(with_two) == private_subnets(base)
    for item in with_two.of_type("AWS::EC2::Subnet"):
        assert not item.properties["MapPublicIpOnLaunch"]


def test_every_log_group_is_encrypted_and_forgets(templates: dict[str, Template]):
    for name, template in templates.items():
        for group in template.of_type("AWS::Logs::LogGroup"):
            assert "KmsKeyId" in group.properties, (name, group.logical_id)
            assert group.properties["RetentionInDays"] <= 365, (name, group.logical_id)
