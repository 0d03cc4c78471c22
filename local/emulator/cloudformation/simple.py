"""Types that are a few calls, or a record alone."""

from typing import Any

from local.emulator import gateway
from local.emulator.cloudformation.coerce import coerce
from local.emulator.cloudformation.generic import fresh_name
from local.emulator.extension import Attributes, Properties, Registry, ResourceType


def register(registry: Registry) -> None:
    """Add composite alarms, scaling targets and policies, and connections."""
    registry.add_type(
        "AWS::CloudWatch::CompositeAlarm",
        ResourceType(_put_composite, _change_composite, _delete_composite),
    )
    registry.add_type(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        ResourceType(_put_target, _change_target, _delete_target),
    )
    registry.add_type(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        ResourceType(_put_policy, _change_policy, _delete_policy),
    )
    for name in ("AWS::CodeConnections::Connection", "AWS::CodeStarConnections::Connection"):
        registry.add_type(name, ResourceType(_create_connection, _keep, _forget))


def _call(service: str, operation: str, method: str, properties: Properties) -> Any:
    client = gateway.client(service)
    shape = client.meta.service_model.operation_model(operation).input_shape
    return getattr(client, method)(**coerce(shape, properties))


def _put_composite(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = str(properties.get("AlarmName") or fresh_name(stack, logical, 255))
    _call(
        "cloudwatch", "PutCompositeAlarm", "put_composite_alarm", {**properties, "AlarmName": name}
    )
    arn = f"arn:aws:cloudwatch:{gateway.region()}:{gateway.account()}:alarm:{name}"
    return name, {"Arn": arn}


def _change_composite(
    physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    wanted = new.get("AlarmName", physical)
    without_tags = {key: value for key, value in new.items() if key != "Tags"}
    return _put_composite(logical, {**without_tags, "AlarmName": wanted}, stack)


def _delete_composite(physical: str, _properties: Properties) -> None:
    gateway.client("cloudwatch").delete_alarms(AlarmNames=[physical])


_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _put_target(_logical: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    wanted = {key: value for key, value in properties.items() if key != "ScheduledActions"}
    _call("application-autoscaling", "RegisterScalableTarget", "register_scalable_target", wanted)
    for action in properties.get("ScheduledActions", []):
        names = {key: properties[key] for key in _TARGET}
        _call(
            "application-autoscaling",
            "PutScheduledAction",
            "put_scheduled_action",
            {**names, **action},
        )
    physical = "|".join(
        str(properties[key]) for key in ("ResourceId", "ScalableDimension", "ServiceNamespace")
    )
    return physical, {"Id": physical}


def _change_target(
    _physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    return _put_target(logical, new, stack)


def _delete_target(_physical: str, properties: Properties) -> None:
    names = {key: properties[key] for key in _TARGET}
    gateway.client("application-autoscaling").deregister_scalable_target(**names)


def _put_policy(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    wanted = dict(properties)
    target = wanted.pop("ScalingTargetId", None)
    if target:
        wanted.update(
            zip(
                ("ResourceId", "ScalableDimension", "ServiceNamespace"),
                target.split("|"),
                strict=True,
            )
        )
    wanted.setdefault("PolicyName", fresh_name(stack, logical))
    arn = _call("application-autoscaling", "PutScalingPolicy", "put_scaling_policy", wanted)[
        "PolicyARN"
    ]
    return arn, {"Arn": arn, "PolicyName": wanted["PolicyName"]}


def _change_policy(
    physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    name = physical.rpartition("policyName/")[2]
    return _put_policy(logical, {"PolicyName": name, **new}, stack)


def _delete_policy(physical: str, properties: Properties) -> None:
    client = gateway.client("application-autoscaling")
    for policy in client.describe_scaling_policies(
        ServiceNamespace=properties.get("ServiceNamespace") or "sagemaker"
    )["ScalingPolicies"]:
        if policy["PolicyARN"] == physical:
            names = {key: policy[key] for key in _TARGET}
            client.delete_scaling_policy(PolicyName=policy["PolicyName"], **names)


def _create_connection(logical: str, properties: Properties, _stack: str) -> tuple[str, Attributes]:
    """Record a connection: locally the bare repository needs no handshake with GitHub."""
    name = properties.get("ConnectionName", logical)
    arn = f"arn:aws:codeconnections:{gateway.region()}:{gateway.account()}:connection/{name}"
    return arn, {"ConnectionArn": arn, "ConnectionStatus": "AVAILABLE"}


def _keep(
    physical: str, _old: Properties, _new: Properties, _stack: str, _logical: str
) -> tuple[str, Attributes]:
    return physical, {"ConnectionArn": physical, "ConnectionStatus": "AVAILABLE"}


def _forget(_physical: str, _properties: Properties) -> None:
    """Forget a record that nothing else holds."""
