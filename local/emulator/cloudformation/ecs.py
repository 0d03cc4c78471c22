"""ECS capacity providers, and a service type that waits until its deployment is settled."""

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

from local.emulator import gateway
from local.emulator.cloudformation.coerce import coerce
from local.emulator.cloudformation.generic import fresh_name
from local.emulator.extension import Attributes, Properties, Registry, ResourceType

POLL_S = 0.1
TIMEOUT_S = 900.0


def register(registry: Registry) -> None:
    """Add ECS's types and let services wait."""
    registry.add_type(
        "AWS::ECS::CapacityProvider",
        ResourceType(_create_provider, _update_provider, _delete_provider),
    )
    registry.add_type(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        ResourceType(_associate, _reassociate, _dissociate),
    )
    original = provisioners._RESOURCE_HANDLERS["AWS::ECS::Service"]
    registry.add_type(
        "AWS::ECS::Service",
        ResourceType(
            create=lambda logical, properties, stack: _create_service(
                original, logical, properties, stack
            ),
            update=lambda physical, old, new, stack, _logical: _settled(
                lambda: original["update"](physical, _plain(old), _plain(new), stack), new
            ),
            delete=original["delete"],
        ),
    )


def _create_service(
    original: dict[str, Any], logical: str, properties: Properties, stack: str
) -> tuple[str, Attributes]:
    physical, attributes = original["create"](logical, _plain(properties), stack)
    try:
        return _settled(lambda: (physical, attributes), properties)
    except RuntimeError:
        # the stack has no record of the service yet, so its rollback would not delete it
        gateway.client("ecs").delete_service(
            cluster=properties.get("Cluster", "default"),
            service=physical.rsplit("/", 1)[-1],
            force=True,
        )
        raise


def _plain(properties: Properties) -> Properties:
    """Return the properties with the numbers that a template may spell as strings."""
    shape = gateway.client("ecs").meta.service_model.operation_model("CreateService").input_shape
    number = {"DesiredCount", "HealthCheckGracePeriodSeconds"}
    found = {key: int(value) if key in number else value for key, value in properties.items()}
    for key, member in (
        ("LoadBalancers", "loadBalancers"),
        ("DeploymentConfiguration", "deploymentConfiguration"),
        ("CapacityProviderStrategy", "capacityProviderStrategy"),
    ):
        if key in found:
            found[key] = _capitals(coerce(shape.members[member], found[key], key))
    return found


def _capitals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: _capitals(item) for key, item in value.items()}
    return [_capitals(item) for item in value] if isinstance(value, list) else value


def _settled(
    act: Callable[[], tuple[str, Attributes]], properties: Properties
) -> tuple[str, Attributes]:
    """Create or update a service and wait for its deployment, as CloudFormation does.

    Raises:
        RuntimeError: If the circuit breaker gave the deployment up.
    """
    physical, attributes = act()
    cluster, name = properties.get("Cluster", "default"), physical.rsplit("/", 1)[-1]
    ecs = gateway.client("ecs")
    deadline = time.monotonic() + TIMEOUT_S
    watched, failure = None, ""
    while time.monotonic() < deadline:
        service = ecs.describe_services(cluster=cluster, services=[name])["services"][0]
        deployments = service["deployments"]
        primary = next(d for d in deployments if d["status"] == "PRIMARY")
        watched = watched or primary["id"]
        for deployment in deployments:
            if deployment["id"] == watched and deployment.get("rolloutState") == "FAILED":
                failure = f"ECS Deployment: {deployment['rolloutStateReason']}"
        # a failed deployment is reported once the service has turned back to the one before
        complete = primary.get("rolloutState") == "COMPLETED"
        settled = complete and service["runningCount"] >= service["desiredCount"]
        if failure and (settled or primary["id"] == watched):
            raise RuntimeError(f"Error occurred during operation '{failure}'")
        if settled:
            return physical, attributes
        time.sleep(POLL_S)
    raise RuntimeError(f"service {physical} did not settle within {TIMEOUT_S:.0f} s")


def _create_provider(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = str(properties.get("Name") or fresh_name(stack, logical))
    ecs = gateway.client("ecs")
    shape = ecs.meta.service_model.operation_model("CreateCapacityProvider").input_shape
    ecs.create_capacity_provider(**coerce(shape, {**properties, "Name": name}))
    return name, {}


def _update_provider(
    physical: str, old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return physical, {}
    return _create_provider(logical, {k: v for k, v in new.items() if k != "Name"}, stack)


def _delete_provider(physical: str, _properties: Properties) -> None:
    ecs = gateway.client("ecs")
    if ecs.describe_capacity_providers(capacityProviders=[physical])["capacityProviders"]:
        ecs.delete_capacity_provider(capacityProvider=physical)


def _associate(_logical: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    ecs = gateway.client("ecs")
    shape = ecs.meta.service_model.operation_model("PutClusterCapacityProviders").input_shape
    ecs.put_cluster_capacity_providers(**coerce(shape, properties))
    return str(properties["Cluster"]), {}


def _reassociate(
    _physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    return _associate(logical, new, stack)


def _dissociate(physical: str, _properties: Properties) -> None:
    ecs = gateway.client("ecs")
    if ecs.describe_clusters(clusters=[physical])["clusters"]:
        ecs.put_cluster_capacity_providers(
            cluster=physical, capacityProviders=[], defaultCapacityProviderStrategy=[]
        )
