"""SageMaker's own model of its API, which judges requests and trims answers."""

import functools
import re
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from local.endpoints.errors import validation

Json = dict[str, Any]
Shape = Any
"""A `botocore.model.Shape`: what members it has depends on its `type_name`."""


@functools.cache
def service() -> ServiceModel:
    """Return botocore's description of SageMaker; the first call takes half a second."""
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def operations() -> frozenset[str]:
    """Return the name of every operation that SageMaker has."""
    return frozenset(service().operation_names)


def check(operation: str, request: Json) -> None:
    """Judge a request by types, required members, lengths, enumerations and patterns.

    Raises:
        AwsError: A ValidationException that names every offence.
    """
    shape = service().operation_model(operation).input_shape
    if shape is None:
        return
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise validation(report.generate_report())
    offences = _offences(request, shape, "")
    if offences:
        plural = "s" if len(offences) > 1 else ""
        raise validation(
            f"{len(offences)} validation error{plural} detected: " + "; ".join(offences)
        )


def output(operation: str, record: Json) -> Json:
    """Return the members of a record that an operation's answer has."""
    shape = service().operation_model(operation).output_shape
    return {} if shape is None else trim(record, shape)


def trim(record: Json, shape: Shape) -> Json:
    """Return the members of a record that a structure has."""
    return {name: record[name] for name in shape.members if name in record}


def _offences(value: Any, shape: Shape, path: str) -> list[str]:
    if shape.type_name == "structure":
        return [
            offence
            for name, member in shape.members.items()
            if name in value
            for offence in _offences(value[name], member, f"{path}.{_lower(name)}".lstrip("."))
        ]
    if shape.type_name == "list":
        return [
            offence
            for number, item in enumerate(value, 1)
            for offence in _offences(item, shape.member, f"{path}.{number}.member")
        ]
    if shape.type_name == "string":
        return _string_offences(value, shape, path)
    return []


def _string_offences(value: str, shape: Shape, path: str) -> list[str]:
    allowed = getattr(shape, "enum", [])
    if allowed and value not in allowed:
        return [_offence(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")]
    longest = shape.metadata.get("max")
    if longest is not None and len(value) > longest:
        return [_offence(value, path, f"have length less than or equal to {longest}")]
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        return [_offence(value, path, f"satisfy regular expression pattern: {pattern}")]
    return []


def _matches(pattern: str, value: str) -> bool:
    """Judge by a pattern of the service's; one that only Java understands passes everything."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _offence(value: str, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {rule}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
