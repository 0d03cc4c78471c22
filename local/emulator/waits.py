"""How long state machines wait: a minute of theirs lasts a second, as a rollout's does."""

from ministack.services import stepfunctions

SECOND = 1 / 60


def install() -> None:
    """Let waits and retries of state machines pass quickly."""
    stepfunctions._SFN_WAIT_SCALE = SECOND
