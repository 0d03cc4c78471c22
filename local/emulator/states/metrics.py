"""What Step Functions tells CloudWatch of executions, on which alarms ring."""

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
        machine = {"Name": "StateMachineArn", "Value": execution["stateMachineArn"]}
        gateway.client("cloudwatch").put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": METRICS[execution["status"]],
                    "Dimensions": [machine],
                    "Value": 1,
                    "Unit": "Count",
                }
            ],
        )

    return emit
