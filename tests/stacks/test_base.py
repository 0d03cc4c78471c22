import pytest

from tests.stacks.conftest import Template, as_list


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
        assert function["Runtime"] == "python3.13"
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
        assert not {action for action in actions if "Delete" in action}


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
    kinds = [item.properties["VpcEndpointType"] for item in base.of_type("AWS::EC2::VPCEndpoint")]
    assert sorted(kinds) == ["Gateway", "Interface", "Interface", "Interface"]
