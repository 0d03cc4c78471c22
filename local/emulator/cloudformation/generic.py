"""One provider for resource types whose properties are the parameters of API operations."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import gateway
from local.emulator.api import snake
from local.emulator.cloudformation.coerce import coerce
from local.emulator.extension import Attributes, Properties, ResourceType

MAX_NAME = 63
Wait = Callable[[Any, str, Properties], None]


@dataclass(frozen=True)
class Kind:
    """How a resource type maps to an API.

    Attributes:
        service: botocore's name of the service.
        create: The operation that makes the resource.
        delete: The operation that removes it; it takes the resource's name.
        name: The property that names the resource; made up when a template leaves it out.
        ref: The member of the create operation's answer that is the physical id (`Ref`);
            None means the name itself.
        update: The operation that changes it in place; None means every change replaces it.
        ignored: Properties that the API has no parameter for and that change nothing locally.
        create_only: Properties whose change replaces the resource although `update` exists.
        attributes: `Fn::GetAtt` name -> member of the create operation's answer, or the name.
        wait: Called after create and update: returns when the resource is ready, raises if it
            never will be.
        delete_name: The delete operation's parameter, where it is not `name`.
        missing: What an error says when the resource is gone already.
    """

    service: str
    create: str
    delete: str
    name: str
    ref: str | None = None
    update: str | None = None
    ignored: frozenset[str] = frozenset()
    create_only: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    wait: Wait | None = None
    delete_name: str | None = None
    missing: tuple[str, ...] = ("Could not find", "does not exist", "not found")


def resource_type(kind: Kind) -> ResourceType:
    """Return the provider of a kind."""
    return ResourceType(
        create=lambda logical, properties, stack: _create(kind, logical, properties, stack),
        update=lambda physical, old, new, stack, logical: _update(
            kind, physical, old, new, stack, logical
        ),
        delete=lambda physical, _properties: _delete(kind, physical),
    )


def parameters(kind: Kind, operation: str, properties: Properties, *, strict: bool) -> Any:
    """Return the parameters of an operation.

    Args:
        kind: The resource type.
        operation: The operation, e.g. `CreateModel`.
        properties: The properties of the template, intrinsics resolved.
        strict: Whether a property that the operation lacks is an error; an update operation
            takes only some of the properties.
    """
    model = gateway.client(kind.service).meta.service_model
    shape = model.operation_model(operation).input_shape
    known = {member.lower() for member in shape.members}
    elsewhere = set(kind.ignored)  # a property that only an update takes is no mistake in a create
    if kind.update:
        elsewhere |= set(model.operation_model(kind.update).input_shape.members)
    wanted = {
        key: value
        for key, value in properties.items()
        if key.lower() in known or (strict and key not in elsewhere)
    }
    return coerce(shape, wanted)


def fresh_name(stack: str, logical_id: str, limit: int = MAX_NAME) -> str:
    """Return a name as CloudFormation makes it: stack, logical id, random end."""
    end = secrets.token_hex(6)
    return f"{stack}-{logical_id}"[: limit - len(end) - 1] + f"-{end}"


def _create(
    kind: Kind, logical_id: str, properties: Properties, stack: str
) -> tuple[str, Attributes]:
    name = str(properties.get(kind.name) or fresh_name(stack, logical_id))
    wanted = parameters(kind, kind.create, {**properties, kind.name: name}, strict=True)
    client = gateway.client(kind.service)
    answer = getattr(client, snake(kind.create))(**wanted)
    if kind.wait:
        try:
            kind.wait(client, name, properties)
        except RuntimeError:
            _delete(kind, name)  # the stack has no record of it yet, so its rollback would not
            raise
    found = {key: answer.get(member, name) for key, member in kind.attributes.items()}
    return (answer[kind.ref] if kind.ref else name), {kind.name: name, **found}


def _update(
    kind: Kind, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> tuple[str, Attributes]:
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    name = physical_id.rsplit("/", 1)[-1]
    renamed = kind.name in changed and new.get(kind.name) not in (None, name)
    if kind.update is None or renamed or changed & kind.create_only:
        if new.get(kind.name) == name:
            raise ValueError(
                "CloudFormation cannot update a stack when a custom-named resource requires"
                f" replacing. Rename {name} and update the stack again."
            )
        return _create(kind, logical_id, new, stack)
    client = gateway.client(kind.service)
    wanted = parameters(kind, kind.update, {**new, kind.name: name}, strict=False)
    answer = getattr(client, snake(kind.update))(**wanted)
    if kind.wait:
        kind.wait(client, name, new)
    found = {key: answer.get(member, name) for key, member in kind.attributes.items()}
    return physical_id, {kind.name: name, **found}


def _delete(kind: Kind, physical_id: str) -> None:
    name = physical_id.rsplit("/", 1)[-1]
    client = gateway.client(kind.service)
    try:
        getattr(client, snake(kind.delete))(**{kind.delete_name or kind.name: name})
    except ClientError as error:
        if not any(phrase in str(error) for phrase in kind.missing):
            raise
