"""A pipeline's definition, read once and typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from local.emulator.api import ApiError


@dataclass(frozen=True)
class Action:
    """One action of a stage; `configuration` still holds `#{Namespace.Variable}`."""

    name: str
    category: str
    provider: str
    run_order: int
    configuration: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    role: str | None
    namespace: str | None
    timeout_s: float | None


@dataclass(frozen=True)
class Stage:
    """One stage: its actions run in the order of their run orders, equal ones at once."""

    name: str
    actions: tuple[Action, ...]

    def steps(self) -> Iterator[tuple[Action, ...]]:
        """Return the groups of actions that run at once, in order."""
        ordered = sorted(self.actions, key=lambda action: action.run_order)
        for _, group in groupby(ordered, key=lambda action: action.run_order):
            yield tuple(group)


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as deployed.

    Attributes:
        name: Its name.
        version: Counts up with each update.
        role: The role through which all action roles are assumed.
        bucket: Where artifacts lie.
        kms_key: What they are encrypted with; None for the bucket's own default.
        mode: QUEUED, SUPERSEDED or PARALLEL.
        stages: In order.
        variables: Pipeline variables and their defaults.
    """

    name: str
    version: int
    role: str
    bucket: str
    kms_key: str | None
    mode: str
    stages: tuple[Stage, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


def parse(definition: Mapping[str, Any]) -> Pipeline:
    """Return the pipeline that an API definition describes.

    Raises:
        ApiError: If an action takes an artifact that no earlier action gives, or names clash.
    """
    stages = tuple(_stage(stage) for stage in definition["stages"])
    _check(stages)
    store = definition.get("artifactStore") or {}
    key = store.get("encryptionKey") or {}
    return Pipeline(
        name=definition["name"],
        version=int(definition.get("version", 1)),
        role=definition["roleArn"],
        bucket=store.get("location", ""),
        kms_key=key.get("id"),
        mode=definition.get("executionMode", "SUPERSEDED"),
        stages=stages,
        variables={
            variable["name"]: variable.get("defaultValue", "")
            for variable in definition.get("variables", [])
        },
    )


def _stage(stage: Mapping[str, Any]) -> Stage:
    return Stage(stage["name"], tuple(_action(action) for action in stage["actions"]))


def _action(action: Mapping[str, Any]) -> Action:
    kind = action["actionTypeId"]
    minutes = action.get("timeoutInMinutes")
    return Action(
        name=action["name"],
        category=kind["category"],
        provider=kind["provider"],
        run_order=int(action.get("runOrder", 1)),
        configuration=dict(action.get("configuration") or {}),
        inputs=tuple(artifact["name"] for artifact in action.get("inputArtifacts", [])),
        outputs=tuple(artifact["name"] for artifact in action.get("outputArtifacts", [])),
        role=action.get("roleArn"),
        namespace=action.get("namespace"),
        timeout_s=60.0 * minutes if minutes else None,
    )


def _check(stages: tuple[Stage, ...]) -> None:
    given: set[str] = set()
    for stage in stages:
        for step in stage.steps():
            for action in step:
                lacking = set(action.inputs) - given
                if lacking:
                    raise ApiError(
                        "InvalidActionDeclarationException",
                        f"action {action.name} takes {', '.join(sorted(lacking))}, which no"
                        " earlier action gives",
                    )
            given |= {name for action in step for name in action.outputs}
