"""SageMaker's resource types.

Models and endpoint configurations cannot be changed, so a change replaces them. An endpoint moves
to another configuration in place, and the stack waits until it serves that configuration.
"""

import time
from typing import Any

from local.emulator.cloudformation.generic import Kind, resource_type
from local.emulator.extension import Properties, Registry

POLL_S = 0.1
TIMEOUT_S = 1800.0


def serving(client: Any, name: str, properties: Properties) -> None:
    """Wait until an endpoint serves the configuration that the stack asks for.

    Raises:
        RuntimeError: If the endpoint failed, or rolled back to the configuration before.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        found = client.describe_endpoint(EndpointName=name)
        status = found["EndpointStatus"]
        if status in {"Failed", "OutOfService", "UpdateRollbackFailed"}:
            raise RuntimeError(found.get("FailureReason") or f"endpoint {name} is {status}")
        if status == "InService":
            wanted = properties["EndpointConfigName"]
            if found["EndpointConfigName"] != wanted:
                reason = found.get("FailureReason") or "the update was rolled back"
                raise RuntimeError(f"endpoint {name} does not serve {wanted}: {reason}")
            return
        time.sleep(POLL_S)
    raise RuntimeError(f"endpoint {name} was not in service after {TIMEOUT_S:.0f} s")


KINDS = {
    "AWS::SageMaker::Model": Kind(
        service="sagemaker",
        create="CreateModel",
        delete="DeleteModel",
        name="ModelName",
        ref="ModelArn",
        attributes={"ModelArn": "ModelArn"},
    ),
    "AWS::SageMaker::EndpointConfig": Kind(
        service="sagemaker",
        create="CreateEndpointConfig",
        delete="DeleteEndpointConfig",
        name="EndpointConfigName",
        ref="EndpointConfigArn",
        attributes={"EndpointConfigArn": "EndpointConfigArn"},
    ),
    "AWS::SageMaker::Endpoint": Kind(
        service="sagemaker",
        create="CreateEndpoint",
        update="UpdateEndpoint",
        delete="DeleteEndpoint",
        name="EndpointName",
        ref="EndpointArn",
        attributes={"EndpointArn": "EndpointArn"},
        wait=serving,
    ),
    "AWS::SageMaker::ModelPackageGroup": Kind(
        service="sagemaker",
        create="CreateModelPackageGroup",
        delete="DeleteModelPackageGroup",
        name="ModelPackageGroupName",
        ref="ModelPackageGroupArn",
        attributes={"ModelPackageGroupArn": "ModelPackageGroupArn"},
    ),
}


def register(registry: Registry) -> None:
    """Add SageMaker's types."""
    for name, kind in KINDS.items():
        registry.add_type(name, resource_type(kind))
