"""What a dashboard's widgets show: values of metrics, and states of alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.alarms.alarm import Alarm
from ops.dashboard.body import Widget

MOST_QUERIES = 500  # of one call of GetMetricData


@dataclass(frozen=True)
class Series:
    """One line of a plot: its points, oldest first, or why there are none."""

    label: str
    points: tuple[tuple[datetime, float], ...]
    remark: str = ""


@dataclass(frozen=True)
class Shown:
    """A widget with what it shows."""

    widget: Widget
    series: tuple[Series, ...] = ()
    alarms: tuple[Alarm, ...] = ()


def fill(
    client: Any, widgets: Sequence[Widget], alarms: Sequence[Alarm], hours: float, now: datetime
) -> list[Shown]:
    """Return widgets with their values.

    Args:
        client: A boto3 CloudWatch client.
        widgets: The dashboard's.
        alarms: The environment's, of which a widget shows those that it names.
        hours: How far back.
        now: The end, in UTC.
    """
    start = now - timedelta(hours=hours)
    named = {alarm.name: alarm for alarm in alarms}
    return [
        Shown(
            widget,
            _series(client, widget, start, now),
            tuple(named[name] for name in widget.alarms if name in named),
        )
        for widget in widgets
    ]


def _series(client: Any, widget: Widget, start: datetime, end: datetime) -> tuple[Series, ...]:
    if not widget.queries:
        return ()
    asked = list(widget.queries[:MOST_QUERIES])
    answer = client.get_metric_data(MetricDataQueries=asked, StartTime=start, EndTime=end)
    visible = {query["Id"] for query in asked if query["ReturnData"]}
    return tuple(
        Series(
            str(item.get("Label") or item["Id"]),
            tuple(
                sorted(
                    (moment.astimezone(UTC), float(value))
                    for moment, value in zip(item["Timestamps"], item["Values"], strict=True)
                )
            ),
            "; ".join(message["Value"] for message in item.get("Messages") or ()),
        )
        for item in answer["MetricDataResults"]
        if item["Id"] in visible
    )
