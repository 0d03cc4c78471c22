"""The metrics that alarms watch."""

from datetime import datetime
from typing import Any

from serving.drift.judge import Verdict
from serving.drift.quality import Quality
from serving.drift.settings import Watched

NAMESPACE = "Slipway/Drift"


def data(
    environment: str,
    watched: Watched,
    verdict: Verdict,
    quality: Quality | None,
    at: datetime,
    least: int,
) -> list[dict[str, Any]]:
    """Return the data of one model for `put_metric_data`.

    Where nothing can be said, neither `Drifted` nor `Distance` is put: zero would mean "no drift".
    """
    values: dict[str, float] = {"Records": verdict.rows, "Enough": int(verdict.enough)}
    if verdict.enough:
        values |= {"Drifted": len(verdict.drifted), "Distance": verdict.distance}
    if quality is not None:
        values["Labelled"] = quality.labelled
        if quality.labelled >= least:
            values["Quality"] = quality.accuracy
    named = {"Environment": environment, "Endpoint": watched.endpoint, "Model": watched.model}
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    units = {"Records": "Count", "Drifted": "Count", "Labelled": "Count"}
    return [
        {
            "MetricName": name,
            "Dimensions": dimensions,
            "Timestamp": at,
            "Value": float(value),
            "Unit": units.get(name, "None"),
        }
        for name, value in values.items()
    ]


def put(cloudwatch: Any, found: list[dict[str, Any]]) -> None:
    """Send data to CloudWatch."""
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=found)
