"""The last values of what an alarm watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.alarms.words import period_s

SHOWN = 12
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Series:
    """One metric or expression: its points, oldest first, and what CloudWatch said of it."""

    label: str
    points: tuple[tuple[datetime, float], ...]
    remark: str = ""

    @property
    def bars(self) -> str:
        """Return the values as a line of bars."""
        values = [value for _, value in self.points]
        low, high = min(values, default=0), max(values, default=0)
        span = (high - low) or 1
        return "".join(BARS[round((value - low) / span * (len(BARS) - 1))] for value in values)


def queries_of(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the queries of GetMetricData that read what an alarm reads."""
    if "MetricName" not in alarm:
        return [{**query, "ReturnData": True} for query in alarm.get("Metrics", ())]
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions") if key in alarm}
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    stat = {"Metric": metric, "Period": alarm.get("Period", 60), "Stat": statistic}
    return [{"Id": "watched", "Label": alarm["MetricName"], "MetricStat": stat}]


def read(client: Any, alarm: Mapping[str, Any], now: datetime | None = None) -> list[Series]:
    """Return the last values that an alarm saw, what it compares first.

    Args:
        client: A boto3 CloudWatch client.
        alarm: As DescribeAlarms describes it.
        now: The end, in UTC; default: now.
    """
    queries = queries_of(alarm)
    if not queries:
        return []
    end = now or datetime.now(UTC)
    start = end - timedelta(seconds=SHOWN * period_s(alarm))
    found = client.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
    expressions = {query["Id"] for query in queries if "Expression" in query}
    results = sorted(found["MetricDataResults"], key=lambda item: item["Id"] not in expressions)
    return [_series(item) for item in results]


def _series(result: Mapping[str, Any]) -> Series:
    pairs = zip(result["Timestamps"], result["Values"], strict=True)
    points = sorted((moment.astimezone(UTC), float(value)) for moment, value in pairs)
    remarks = [message["Value"] for message in result.get("Messages") or ()]
    return Series(str(result.get("Label") or result["Id"]), tuple(points), "; ".join(remarks))
