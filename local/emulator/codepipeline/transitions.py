"""Inbound transitions: a disabled one lets no execution into its stage.

What is inside goes on, and rollbacks enter: AWS's pages do not say whether they may.
"""

import time
from typing import Any

from local.emulator.api import ApiError
from local.emulator.codepipeline.definition import parse
from local.emulator.codepipeline.records import Record

SHUT = "shut"


def shut(pipeline: Record | None) -> Record:
    """Return a pipeline's stages whose inbound transition is disabled: why, and since when."""
    found: Record = (pipeline or {}).get(SHUT, {})
    return found


def disable(pipeline: Record, wanted: dict[str, Any]) -> Record:
    """Disable a stage's inbound transition."""
    _check(pipeline, wanted)
    why = {"reason": wanted["reason"], "at": time.time()}
    pipeline[SHUT] = {**shut(pipeline), wanted["stageName"]: why}
    return {}


def enable(pipeline: Record, wanted: dict[str, Any]) -> Record:
    """Enable it again; an enabled one stays so."""
    _check(pipeline, wanted)
    pipeline[SHUT] = {k: v for k, v in shut(pipeline).items() if k != wanted["stageName"]}
    return {}


def keep(old: Record, new: Record) -> None:
    """Let an updated pipeline keep what was disabled."""
    new[SHUT] = shut(old)


def _check(pipeline: Record, wanted: dict[str, Any]) -> None:
    definition = parse(pipeline["pipeline"])
    if definition.position(wanted["stageName"]) is None:
        message = f"{definition.name} has no stage {wanted['stageName']}"
        raise ApiError("StageNotFoundException", message)
    if wanted["transitionType"] != "Inbound":
        raise ApiError("ValidationException", "the local cloud knows inbound transitions alone")
