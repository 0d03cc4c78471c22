"""EC2 resource types: addresses, NAT gateways, flow logs, single security group rules."""

import contextlib
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import gateway
from local.emulator.extension import Attributes, Properties, Registry, ResourceType


def register(registry: Registry) -> None:
    """Add EC2's types."""
    registry.add_type("AWS::EC2::EIP", ResourceType(_create_address, _keep, _release_address))
    registry.add_type("AWS::EC2::NatGateway", ResourceType(_create_nat, _keep, _delete_nat))
    registry.add_type("AWS::EC2::FlowLog", ResourceType(_create_flow, _keep, _delete_flow))
    for direction in ("ingress", "egress"):
        registry.add_type(f"AWS::EC2::SecurityGroup{direction.title()}", _rule_type(direction))


def _create_address(_id: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    answer = gateway.client("ec2").allocate_address(Domain=properties.get("Domain", "vpc"))
    address = answer["PublicIp"]
    return address, {"AllocationId": answer["AllocationId"], "PublicIp": address}


def _release_address(address: str, _properties: Properties) -> None:
    ec2 = gateway.client("ec2")
    found = ec2.describe_addresses()["Addresses"]
    for entry in found:
        if entry.get("PublicIp") == address:
            ec2.release_address(AllocationId=entry["AllocationId"])


def _create_nat(_id: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    wanted = {key: properties[key] for key in ("SubnetId", "AllocationId") if key in properties}
    answer = gateway.client("ec2").create_nat_gateway(**wanted)
    identifier = answer["NatGateway"]["NatGatewayId"]
    return identifier, {"NatGatewayId": identifier}


def _delete_nat(identifier: str, _properties: Properties) -> None:
    with contextlib.suppress(ClientError):
        gateway.client("ec2").delete_nat_gateway(NatGatewayId=identifier)


def _create_flow(_id: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    renamed = {"ResourceId": "ResourceIds"}
    ignored = {"Tags", "MaxAggregationInterval"}
    wanted = {
        renamed.get(key, key): [value] if key in renamed else value
        for key, value in properties.items()
        if key not in ignored
    }
    identifier = gateway.client("ec2").create_flow_logs(**wanted)["FlowLogIds"][0]
    return identifier, {"Id": identifier}


def _delete_flow(identifier: str, _properties: Properties) -> None:
    with contextlib.suppress(ClientError):
        gateway.client("ec2").delete_flow_logs(FlowLogIds=[identifier])


def _rule_type(direction: str) -> ResourceType:
    def apply(verb: str, properties: Properties) -> None:
        operation = getattr(gateway.client("ec2"), f"{verb}_security_group_{direction}")
        operation(GroupId=properties["GroupId"], IpPermissions=[_permission(properties)])

    def create(logical_id: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
        apply("authorize", properties)
        identifier = f"sgr-{properties['GroupId']}-{logical_id}"
        return identifier, {"Id": identifier}

    def update(
        physical: str, old: Properties, new: Properties, _stack: str, logical: str
    ) -> tuple[str, Attributes]:
        delete(physical, old)
        return create(logical, new, _stack)

    def delete(_physical: str, properties: Properties) -> None:
        with contextlib.suppress(ClientError):
            apply("revoke", properties)

    return ResourceType(create, update, delete)


def _permission(properties: Properties) -> dict[str, Any]:
    permission: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
    for key in ("FromPort", "ToPort"):
        if key in properties:
            permission[key] = int(properties[key])
    if "CidrIp" in properties:
        permission["IpRanges"] = [{"CidrIp": properties["CidrIp"]}]
    for key in ("SourceSecurityGroupId", "DestinationSecurityGroupId"):
        if key in properties:
            permission["UserIdGroupPairs"] = [{"GroupId": properties[key]}]
    return permission


def _keep(
    physical: str, old: Properties, new: Properties, _stack: str, _logical: str
) -> tuple[str, Attributes]:
    """Accept a change of tags; anything else would be a replacement that no stack of ours asks."""
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    if changed - {"Tags"}:
        names = ", ".join(sorted(changed))
        raise ValueError(f"the local cloud cannot change {names} of {physical}")
    return physical, {}
