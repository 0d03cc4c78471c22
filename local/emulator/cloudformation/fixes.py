"""Corrections of MiniStack's own resource types, each where it differs from AWS."""

from typing import Any

from ministack.services.cloudformation import provisioners

from local.emulator.extension import Attributes, Properties
from local.emulator.hooks import wrap


def install() -> None:
    """Put the corrections in."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"]
    create = handlers["create"]

    def create_network(logical: str, properties: Properties, stack: str) -> Any:
        """Give the attribute that MiniStack leaves out: `Fn::GetAtt [Vpc, CidrBlock]`."""
        found: tuple[str, Attributes] = create(logical, properties, stack)
        return found[0], {**found[1], "CidrBlock": properties.get("CidrBlock")}

    provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"] = {**handlers, "create": create_network}
    wrap("ministack.services.alb", "_target_group_full_name_from_arn", _full_name)


def _full_name(_original: Any) -> Any:
    """Return what `Fn::GetAtt [Targets, TargetGroupFullName]` is: metrics are named by it."""
    return lambda arn: str(arn).rpartition(":")[2]
