"""A stack moves an endpoint to a new configuration in place, and back when it cannot serve."""

from catalog.images import image_tag
from local.paths import ROOT
from tests.local.cloud import read_template

REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway"


def test_an_endpoint_that_cannot_be_created_is_not_left_over(local_cloud):
    template = read_template("endpoint_stack.yaml")

    failed = local_cloud.deploy("endpoint", template, Image=f"{REGISTRY}/none:1", Prefix="one")

    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not local_cloud.client("sagemaker").list_endpoints()["Endpoints"]
    local_cloud.delete("endpoint")


def test_models_and_configurations_are_replaced_and_the_endpoint_moves_in_place(local_cloud):
    template = read_template("endpoint_stack.yaml")
    triton = f"{REGISTRY}/triton:{image_tag('triton', ROOT)}"
    sagemaker = local_cloud.client("sagemaker")

    def endpoint():
        found = sagemaker.describe_endpoint(EndpointName="test")
        return found["EndpointStatus"], found["EndpointConfigName"]

    def configurations():
        return [
            c["EndpointConfigName"] for c in sagemaker.list_endpoint_configs()["EndpointConfigs"]
        ]

    created = local_cloud.deploy("endpoint", template, Image=triton, Prefix="one")
    assert created["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("endpoint")
    first = endpoint()

    updated = local_cloud.deploy("endpoint", template, Image=triton, Prefix="two")
    assert updated["StackStatus"] == "UPDATE_COMPLETE", local_cloud.reasons("endpoint")
    second = endpoint()
    assert second[1] != first[1]
    assert configurations() == [second[1]]

    failed = local_cloud.deploy("endpoint", template, Image=f"{REGISTRY}/none:1", Prefix="two")
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", local_cloud.reasons("endpoint")
    assert endpoint() == ("InService", second[1])
    assert configurations() == [second[1]]

    local_cloud.delete("endpoint")
