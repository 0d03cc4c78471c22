"""Metrics as a line of a log, in CloudWatch's embedded metric format."""

import json
from collections.abc import Mapping

MODELS = "Slipway/Models"
"""The namespace of what a server says of each of its models."""

MODEL_UNITS = {
    "Requests": "Count",
    "Errors": "Count",
    "Rejected": "Count",
    "LatencyP50": "Milliseconds",
    "LatencyP99": "Milliseconds",
    "QueueTime": "Milliseconds",
    "QueueTimeP99": "Milliseconds",
    "BatchSize": "None",
}


def dimensions(model: str, endpoint: str) -> dict[str, str]:
    """Return what metrics of a model are told apart by; an empty endpoint is left out."""
    return {"Endpoint": endpoint, "Model": model} if endpoint else {"Model": model}


def line(
    namespace: str,
    named: Mapping[str, str],
    values: Mapping[str, object],
    units: Mapping[str, str],
    milliseconds: int,
) -> str:
    """Return the line.

    Args:
        namespace: The metrics' namespace.
        named: The dimensions.
        values: By metric: a number, or CloudWatch's `Values` and `Counts`.
        units: By metric, of these at least.
        milliseconds: The time since 1970.
    """
    metrics = [{"Name": name, "Unit": units[name]} for name in values]
    directive = {"Namespace": namespace, "Dimensions": [list(named)], "Metrics": metrics}
    head = {"Timestamp": milliseconds, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": head, **named, **values})
