"""The part of a buildspec (version 0.2) that has a meaning here, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_TOP = {"version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"}
_IN_PHASE = {"commands", "finally", "on-failure", "run-as", "runtime-versions"}


class BuildspecError(ValueError):
    """A buildspec that CodeBuild would refuse, or that the local cloud cannot run."""


@dataclass(frozen=True)
class Phase:
    """The commands of one phase; `finally_` run whether they succeed or not."""

    commands: tuple[str, ...]
    finally_: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """Which files make up an artifact."""

    files: tuple[str, ...]
    base: str = "."
    discard_paths: bool = False


@dataclass(frozen=True)
class Buildspec:
    """A parsed buildspec.

    Attributes:
        variables: Plain environment variables.
        parameters: Environment variable -> name of an SSM parameter.
        exported: Variables that later pipeline actions may read.
        phases: The phases present, by name.
        primary: The primary artifact, if any.
        secondary: Further artifacts by name.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    phases: Mapping[str, Phase] = field(default_factory=dict)
    primary: Output | None = None
    secondary: Mapping[str, Output] = field(default_factory=dict)


def parse(text: str) -> Buildspec:
    """Return the buildspec that YAML (or JSON) text describes.

    Raises:
        BuildspecError: Naming the key that is wrong or unsupported.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(f"YAML_FILE_ERROR: {error}") from error
    if not isinstance(document, dict) or str(document.get("version")) != "0.2":
        raise BuildspecError("YAML_FILE_ERROR: a buildspec needs `version: 0.2`")
    _known(document, _TOP, "buildspec")
    env = document.get("env") or {}
    _known(
        env,
        {"shell", "variables", "parameter-store", "exported-variables", "git-credential-helper"},
        "env",
    )
    artifacts = dict(document.get("artifacts") or {})
    secondary = artifacts.pop("secondary-artifacts", {}) or {}
    return Buildspec(
        variables={key: str(value) for key, value in (env.get("variables") or {}).items()},
        parameters=dict(env.get("parameter-store") or {}),
        exported=tuple(env.get("exported-variables") or ()),
        phases=_phases(document.get("phases") or {}),
        primary=_output(artifacts) if artifacts.get("files") else None,
        secondary={name: _output(section) for name, section in secondary.items()},
    )


def _phases(section: Mapping[str, Any]) -> dict[str, Phase]:
    _known(section, set(PHASES), "phases")
    if not section:
        raise BuildspecError("YAML_FILE_ERROR: a buildspec needs at least one phase")
    found = {}
    for name in PHASES:
        if name in section:
            phase = section[name] or {}
            _known(phase, _IN_PHASE, f"phases.{name}")
            found[name] = Phase(
                tuple(str(command) for command in phase.get("commands") or ()),
                tuple(str(command) for command in phase.get("finally") or ()),
            )
    return found


def _output(section: Mapping[str, Any]) -> Output:
    files = section.get("files") or ()
    return Output(
        files=(files,) if isinstance(files, str) else tuple(files),
        base=str(section.get("base-directory") or "."),
        discard_paths=str(section.get("discard-paths", "no")).lower() in {"yes", "true"},
    )


def _known(section: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for key in section:
        if key not in allowed:
            raise BuildspecError(
                f"YAML_FILE_ERROR: {where} has the key {key!r}; the local cloud knows"
                f" {', '.join(sorted(allowed))}"
            )
