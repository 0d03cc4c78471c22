"""The counts that can be scaled: instances of SageMaker variants, tasks of ECS services."""

from typing import Any

from local.emulator import gateway
from local.emulator.api import ApiError


def count(namespace: str, resource: str) -> int | None:
    """Return the count wanted now; None while a change of the resource is under way.

    Raises:
        ApiError: There is no such resource.
    """
    if namespace == "sagemaker":
        _, endpoint, _, variant = resource.split("/")
        return _variant(endpoint, variant)
    if namespace == "ecs":
        _, cluster, service = resource.split("/")
        found = gateway.client("ecs").describe_services(cluster=cluster, services=[service])
        if not found["services"] or found["services"][0]["status"] != "ACTIVE":
            raise ApiError("ValidationException", f"ECS service doesn't exist: {resource}")
        return int(found["services"][0]["desiredCount"])
    raise ApiError("ValidationException", f"the local cloud scales no {namespace}")


def set_count(namespace: str, resource: str, wanted: int) -> None:
    """Ask the resource's own service for another count."""
    if namespace == "sagemaker":
        _, endpoint, _, variant = resource.split("/")
        gateway.client("sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=[
                {"VariantName": variant, "DesiredInstanceCount": wanted},
            ],
        )
    else:
        _, cluster, service = resource.split("/")
        gateway.client("ecs").update_service(cluster=cluster, service=service, desiredCount=wanted)


def _variant(endpoint: str, name: str) -> int | None:
    sagemaker = gateway.client("sagemaker")
    try:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint)
    except sagemaker.exceptions.ClientError as error:
        raise ApiError("ValidationException", str(error)) from error
    if found["EndpointStatus"] != "InService":
        return None
    for variant in found["ProductionVariants"]:
        if variant["VariantName"] == name:
            return int(variant["DesiredInstanceCount"])
    raise ApiError("ValidationException", f"endpoint {endpoint} has no variant {name}")
