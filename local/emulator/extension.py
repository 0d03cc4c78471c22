"""The seam between the emulator and what Slipway adds to it.

A part offers `register(registry)`, which calls `add_api` for a service that the emulator lacks and
`add_type` for a CloudFormation resource type. `PARTS` lists the parts; `local.emulator.hooks`
plugs the finished registry into MiniStack's own registries.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.emulator.api import Handler

PARTS = (
    "local.emulator.codepipeline.service",
    "local.emulator.codepipeline.resources",
    "local.emulator.codebuild.reports",
    "local.emulator.scaling.service",
    "local.endpoints.service",
    "local.emulator.jobs.service",
    "local.emulator.cloudformation.types",
)

Attributes = dict[str, Any]
Properties = dict[str, Any]


class Service(Protocol):
    """What an added service does besides answering requests."""

    async def start(self) -> None:
        """Take up work: called once state is restored and the port answers."""

    async def stop(self) -> None:
        """End every process and task that the service started."""

    def save(self) -> Mapping[str, Any]:
        """Return the state as plain JSON; called often, so it must be quick."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Take back what `save` returned; called before `start`."""


@dataclass(frozen=True)
class Call:
    """One request, as far as naming its resource for IAM needs."""

    action: str
    path: str
    body: bytes
    account: str
    region: str


@dataclass(frozen=True)
class Api:
    """One AWS service that the emulator lacks.

    Attributes:
        name: The signing name, which is also the namespace of its IAM actions.
        handler: Answers `(method, path, headers, body, query)`; runs on the event loop.
        service: Its life and state.
        target_prefix: How `X-Amz-Target` begins for it, e.g. `SageMaker.`.
        resource: The ARN that IAM policies are checked against; `*` where there is none.
        rest_models: The botocore models whose REST routes name its actions.
    """

    name: str
    handler: Handler
    service: Service
    target_prefix: str
    resource: Callable[[Call], str] = lambda call: "*"
    rest_models: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResourceType:
    """How CloudFormation makes, changes and removes one type of resource.

    Attributes:
        create: `(logical_id, properties, stack_name)` -> physical id and attributes.
        update: `(physical_id, old, new, stack_name, logical_id)` -> the same; another physical id
            means a replacement, whose predecessor CloudFormation deletes once the update is done.
        delete: `(physical_id, properties)`; a resource that is gone already is no error.
    """

    create: Callable[[str, Properties, str], tuple[str, Attributes]]
    update: Callable[[str, Properties, Properties, str, str], tuple[str, Attributes]]
    delete: Callable[[str, Properties], None]


@dataclass
class Registry:
    """Everything that the parts add."""

    apis: dict[str, Api] = field(default_factory=dict)
    types: dict[str, ResourceType] = field(default_factory=dict)

    def add_api(self, api: Api) -> None:
        """Add a service; a second one of the same name is a programming error."""
        if api.name in self.apis:
            raise ValueError(f"the API {api.name!r} is registered twice")
        self.apis[api.name] = api

    def add_type(self, name: str, resource_type: ResourceType) -> None:
        """Add a CloudFormation resource type such as `AWS::SageMaker::Model`."""
        if name in self.types:
            raise ValueError(f"the resource type {name!r} is registered twice")
        self.types[name] = resource_type


def collect(parts: tuple[str, ...] = PARTS) -> Registry:
    """Import every part and let it register what it adds."""
    registry = Registry()
    for part in parts:
        importlib.import_module(part).register(registry)
    return registry
