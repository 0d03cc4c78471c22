"""Which execution a task of a state machine belongs to, so that its calls go out under its role."""

import threading
from typing import Any

from ministack.services import stepfunctions

from local.emulator import gateway
from local.emulator.hooks import wrap

_CURRENT = threading.local()


def install() -> None:
    """Remember the execution around every task."""
    wrap("ministack.services.stepfunctions", "_execute_task", _remembering)


def client(service: str) -> Any:
    """Return a client under the role of the state machine whose task runs on this thread.

    Raises:
        AssumeRoleRefused: The role does not exist or does not trust Step Functions.
    """
    machine = stepfunctions._state_machines[_CURRENT.execution["stateMachineArn"]]
    session = str(_CURRENT.execution["name"])
    keys = gateway.assume(machine["roleArn"], session, "states.amazonaws.com")
    return gateway.client(service, keys)


def is_stopped() -> bool:
    """Say whether the execution was stopped, by a caller or by its time-out."""
    return bool(_CURRENT.execution.get("status") != "RUNNING")


def _remembering(original: Any) -> Any:
    def execute(state: Any, given: Any, execution: Any, context: Any) -> Any:
        before = getattr(_CURRENT, "execution", None)
        _CURRENT.execution = execution
        try:
            return original(state, given, execution, context)
        finally:
            _CURRENT.execution = before

    return execute
