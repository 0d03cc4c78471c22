"""Stacks that were being changed when the emulator was killed.

CloudFormation itself is never killed, so MiniStack would leave such a stack `..._IN_PROGRESS` for
good. It gets the status from which the next deployment goes on: a stack that never was whole is
deleted and made again by `cdk`, another one is updated from wherever it stopped.
"""

import json
import logging
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudformation, ecs
from ministack.services.cloudformation import engine, stacks

LOGGER = logging.getLogger("slipway.cloudformation")
REASON = "the local cloud was stopped while this ran"
OUTCOMES = {
    "CREATE_IN_PROGRESS": "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
}


class Interrupted:
    """Settles interrupted stacks once, at the start."""

    def install(self) -> None:
        """Do nothing: no hook is replaced."""

    async def start(self) -> None:
        """Settle every interrupted stack of every account."""
        for (account, region, name), stack in list(cloudformation._stacks._data.items()):
            if stack["StackStatus"] in OUTCOMES:
                LOGGER.warning("stack %s: %s, %s", name, stack["StackStatus"], REASON)
                with request_scope(account, region):
                    settle(name, stack)

    async def stop(self) -> None:
        """Do nothing: MiniStack ends what runs."""


def settle(name: str, stack: dict[str, Any]) -> None:
    """Give an interrupted stack a status that can be left, and own up to what it began to make."""
    begun = stack["StackStatus"]
    stack |= {"StackStatus": OUTCOMES[begun], "StackStatusReason": REASON}
    _adopt(stack, engine._parse_template(stack.get("_template_body") or "{}"))
    if begun.startswith("UPDATE"):
        # Marked, so that no deployment, not even of the template before, is taken for the same.
        whole = stack.get("_template") or {}
        stack["_template"] = {**whole, "Metadata": {**whole.get("Metadata", {}), "Note": REASON}}
        stack["_template_body"] = json.dumps(stack["_template"])
    identifier = stack["StackId"]
    stacks._add_event(
        identifier, name, name, "AWS::CloudFormation::Stack", OUTCOMES[begun], REASON, identifier
    )


def _adopt(stack: dict[str, Any], template: dict[str, Any]) -> None:
    """Record what was on its way for long: its name is taken, and the stack must delete it."""
    recorded = stack.setdefault("_resources", {})
    for logical, resource in template.get("Resources", {}).items():
        physical, properties = _begun(resource["Type"], resource.get("Properties", {}))
        if physical and logical not in recorded:
            recorded[logical] = {
                "PhysicalResourceId": physical,
                "ResourceType": resource["Type"],
                "ResourceStatus": "CREATE_FAILED",
                "LogicalResourceId": logical,
                "Properties": properties,
                "Attributes": {},
                "Timestamp": stack["LastUpdatedTime"],
            }


def _begun(resource_type: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the physical id and the identifying properties of an endpoint or a service, if any."""
    if resource_type == "AWS::SageMaker::Endpoint":
        name = str(properties.get("EndpointName", ""))
        return name, {"EndpointName": name}
    if resource_type == "AWS::ECS::Service":
        for service in ecs._services.values():
            if service["serviceName"] == properties.get("ServiceName"):
                cluster = service["clusterArn"].rsplit("/", 1)[-1]
                identity = {"Cluster": cluster, "ServiceName": service["serviceName"]}
                return str(service["serviceArn"]), identity
    return "", {}
