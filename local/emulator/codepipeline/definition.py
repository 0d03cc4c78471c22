"""A pipeline's definition, read once and typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from local.emulator.api import ApiError
from local.emulator.codepipeline.conditions import Condition, OnFailure, conditions, on_failure


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
    """One stage: its actions run in the order of their run orders, equal ones at once.

    Attributes:
        name: Its name.
        actions: What it does.
        before_entry: Must hold before any action runs.
        on_success: Must hold after all have succeeded.
        on_failure: What follows if one fails.
    """

    name: str
    actions: tuple[Action, ...]
    before_entry: tuple[Condition, ...] = ()
    on_success: tuple[Condition, ...] = ()
    on_failure: OnFailure = OnFailure()  # noqa: RUF009 (frozen)

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

    def position(self, stage: str) -> int | None:
        """Return where a stage stands, from 0; None if there is none of that name."""
        found = [index for index, item in enumerate(self.stages) if item.name == stage]
        return found[0] if found else None


def parse(definition: Mapping[str, Any]) -> Pipeline:
    """Return the pipeline that an API definition describes.

    Raises:
        ApiError: If an action takes an artifact that no earlier action gives, or a condition is
            one that CodePipeline refuses.
    """
    stages = tuple(_stage(stage, not index) for index, stage in enumerate(definition["stages"]))
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


def _stage(stage: Mapping[str, Any], source: bool) -> Stage:
    name = stage["name"]
    return Stage(
        name,
        tuple(_action(action) for action in stage["actions"]),
        before_entry=conditions(stage.get("beforeEntry"), {"FAIL", "SKIP"}, name),
        on_success=conditions(stage.get("onSuccess"), {"FAIL", "ROLLBACK"}, name),
        on_failure=on_failure(stage.get("onFailure"), name, source),
    )


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
