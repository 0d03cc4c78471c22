"""CloudFormation properties as API parameters.

A template may spell numbers and booleans as strings, and it capitalises members that some APIs
begin in lower case. botocore knows the shape of every API's input, so one walk over that shape
turns properties into parameters for any service.
"""

from typing import Any


class UnknownProperty(ValueError):
    """A property has no counterpart in the API."""


def coerce(shape: Any, value: Any, path: str = "") -> Any:
    """Return `value` with the types and the spelling that an API's input shape demands.

    Args:
        shape: A botocore shape.
        value: What the template says, intrinsics resolved.
        path: Where the value stands, for error messages.

    Raises:
        UnknownProperty: If a structure has a member that the API does not know.
    """
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value, path)
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [coerce(shape.member, item, f"{path}[{i}]") for i, item in enumerate(items)]
    if kind == "map":
        return {key: coerce(shape.value, item, f"{path}.{key}") for key, item in value.items()}
    return _scalar(kind, value)


def _structure(shape: Any, value: dict[str, Any], path: str) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    found = {}
    for key, item in value.items():
        name = members.get(key.lower())
        if name is None:
            raise UnknownProperty(
                f"Encountered unsupported property {path}{'.' if path else ''}{key}"
            )
        found[name] = coerce(shape.members[name], item, f"{path}{'.' if path else ''}{key}")
    return found


def _scalar(kind: str, value: Any) -> Any:
    if kind in {"integer", "long"}:
        return int(value)
    if kind in {"float", "double"}:
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
