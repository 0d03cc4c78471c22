"""Stage conditions as a definition has them; what CodePipeline refuses is refused here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.emulator.api import ApiError

RULES = ("CloudWatchAlarm", "VariableCheck")
MAY_SKIP = ("LambdaInvoke", "VariableCheck")


@dataclass(frozen=True)
class Rule:
    """One check; `role` is the role under which it looks, the pipeline's own if None."""

    name: str
    provider: str
    configuration: Mapping[str, str]
    role: str | None


@dataclass(frozen=True)
class Condition:
    """Rules that must all hold; `result` is what follows if one does not."""

    result: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class OnFailure:
    """What follows a failed stage.

    Attributes:
        result: ROLLBACK, RETRY, or None.
        retry_mode: ALL_ACTIONS or FAILED_ACTIONS.
        conditions: Where there are any, they must all hold for the result to follow.
    """

    result: str | None = None
    retry_mode: str = "ALL_ACTIONS"
    conditions: tuple[Condition, ...] = ()


def conditions(
    section: Mapping[str, Any] | None, results: set[str], stage: str
) -> tuple[Condition, ...]:
    """Return the conditions of one moment of a stage.

    Args:
        section: `beforeEntry`, `onSuccess` or `onFailure` of the definition.
        results: Those that may follow at this moment.
        stage: The stage's name.

    Raises:
        ApiError: More than one condition, or a result or a rule that cannot be here.
    """
    found = [_condition(item) for item in (section or {}).get("conditions", [])]
    if len(found) > 1:
        raise _refused(stage, "takes one condition; put its rules together")
    for condition in found:
        if condition.result not in results:
            raise _refused(stage, f"cannot answer with {condition.result} at this moment")
        for rule in condition.rules:
            if condition.result == "SKIP" and rule.provider not in MAY_SKIP:
                raise _refused(stage, f"cannot be skipped by a {rule.provider} rule")
            if rule.provider not in RULES:
                known = ", ".join(RULES)
                raise _refused(
                    stage, f"has a {rule.provider} rule; the local cloud checks {known} alone"
                )
    return tuple(found)


def on_failure(section: Mapping[str, Any] | None, stage: str, source: bool) -> OnFailure:
    """Return what follows a failed stage.

    Args:
        section: `onFailure` of the definition.
        stage: The stage's name.
        source: Whether it is the first one.

    Raises:
        ApiError: A retry with conditions, a rollback of the source stage, or a bad condition.
    """
    section = section or {}
    found = conditions(section, {"ROLLBACK", "RETRY", "FAIL", "SKIP"}, stage)
    result = section.get("result") or (found[0].result if found else None)
    if result == "RETRY" and found:
        raise _refused(stage, "cannot have automatic retry and conditions on failure both")
    if result == "ROLLBACK" and source:
        raise _refused(stage, "is the source stage, which cannot be rolled back")
    mode = (section.get("retryConfiguration") or {}).get("retryMode", "ALL_ACTIONS")
    return OnFailure(result, mode, found)


def _condition(item: Mapping[str, Any]) -> Condition:
    return Condition(
        item.get("result", "FAIL"),
        tuple(
            Rule(
                rule["name"],
                rule["ruleTypeId"]["provider"],
                dict(rule.get("configuration") or {}),
                rule.get("roleArn"),
            )
            for rule in item.get("rules", [])
        ),
    )


def _refused(stage: str, why: str) -> ApiError:
    return ApiError("InvalidStageDeclarationException", f"stage {stage} {why}")
