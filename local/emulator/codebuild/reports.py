"""Report groups: records alone; reports of builds are kept with their logs."""

from local.emulator import gateway
from local.emulator.cloudformation.generic import fresh_name
from local.emulator.extension import Attributes, Properties, Registry, ResourceType


def register(registry: Registry) -> None:
    """Add the resource type."""
    registry.add_type("AWS::CodeBuild::ReportGroup", ResourceType(_create, _update, _delete))


def _create(logical: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
    name = str(properties.get("Name") or fresh_name(stack, logical, 128))
    arn = f"arn:aws:codebuild:{gateway.region()}:{gateway.account()}:report-group/{name}"
    return arn, {"Arn": arn}


def _update(
    _physical: str, _old: Properties, new: Properties, stack: str, logical: str
) -> tuple[str, Attributes]:
    return _create(logical, new, stack)


def _delete(_physical: str, _properties: Properties) -> None:
    """Forget a record that nothing else holds."""
