"""What Step Functions tells CloudWatch of executions, on which alarms ring."""

import contextvars
import threading
from typing import Any

from local.emulator import gateway
from local.emulator.hooks import wrap

NAMESPACE = "AWS/States"
METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Count each change of an execution's status, where its event is sent."""
    wrap("ministack.services.stepfunctions", "_emit_execution_status_event", _counting)


def _counting(original: Any) -> Any:
    def emit(execution: dict[str, Any]) -> None:
        original(execution)
        # The start is told on the event loop, which must not wait for an answer of its own.
        context = contextvars.copy_context()
        arguments = (_count, execution["stateMachineArn"], METRICS[execution["status"]])
        threading.Thread(target=context.run, args=arguments, daemon=True).start()

    return emit


def _count(machine: str, metric: str) -> None:
    gateway.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "StateMachineArn", "Value": machine}],
                "Value": 1,
                "Unit": "Count",
            }
        ],
    )
