"""Which execution a task of a state machine belongs to, so that its calls go out under its role."""

from contextvars import ContextVar
from typing import Any

from ministack.services import stepfunctions

from local.emulator import gateway
from local.emulator.hooks import wrap

# MiniStack copies it to the thread of a task with a time-out.
_CURRENT: ContextVar[Any] = ContextVar("execution")


def install() -> None:
    """Remember the execution around every task."""
    wrap("ministack.services.stepfunctions", "_execute_task", _remembering)


def client(service: str) -> Any:
    """Return a client under the role of the state machine whose task runs.

    Raises:
        AssumeRoleRefused: The role does not exist or does not trust Step Functions.
    """
    execution = _CURRENT.get()
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    session = str(execution["name"])
    keys = gateway.assume(machine["roleArn"], session, "states.amazonaws.com")
    return gateway.client(service, keys)


def is_stopped() -> bool:
    """Say whether the execution was stopped, by a caller or by its time-out."""
    return bool(_CURRENT.get().get("status") != "RUNNING")


def _remembering(original: Any) -> Any:
    def execute(state: Any, given: Any, execution: Any, context: Any) -> Any:
        token = _CURRENT.set(execution)
        try:
            return original(state, given, execution, context)
        finally:
            _CURRENT.reset(token)

    return execute
