"""Protobuf text format, as `config.pbtxt` needs it: written from plain documents."""

import json
from collections.abc import Mapping, Sequence


class Enum(str):
    """A name of an enumeration, written without quotes."""

    __slots__ = ()


Value = bool | int | float | str | Enum | Sequence["Value"] | Mapping[str, "Value"]


def to_text(document: Mapping[str, Value], indent: str = "") -> str:
    """Return a message's fields, one a line; lists are repeated fields, mappings are messages."""
    return "".join(f"{indent}{name}{_field(value, indent)}\n" for name, value in document.items())


def entries(values: Mapping[str, Value]) -> list[Value]:
    """Return a protobuf map as the repeated key-value messages that it is written as."""
    return [{"key": key, "value": value} for key, value in sorted(values.items())]


def _field(value: Value, indent: str) -> str:
    if isinstance(value, Mapping):
        return f" {_message(value, indent)}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _repeated(value, indent)
    return f": {_scalar(value)}"


def _repeated(values: Sequence[Value], indent: str) -> str:
    if not any(isinstance(value, Mapping) for value in values):
        return f": [ {', '.join(_scalar(value) for value in values)} ]"
    inner = indent + "  "
    messages = [
        f"{inner}{_message(value, inner)}" for value in values if isinstance(value, Mapping)
    ]
    return " [\n" + ",\n".join(messages) + f"\n{indent}]"


def _message(document: Mapping[str, Value], indent: str) -> str:
    return "{\n" + to_text(document, indent + "  ") + indent + "}"


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str.__str__(value)
    return json.dumps(value, ensure_ascii=False)
