"""When an alarm rings: M of N periods, silence treated as the alarm says."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.emulator.alarms import band, over_time
from local.emulator.alarms.expression import UnsupportedExpression, Value

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
OUTSIDE = {
    "LessThanLowerThreshold": (True, False),
    "GreaterThanUpperThreshold": (False, True),
    "LessThanLowerOrGreaterThanUpperThreshold": (True, True),
}
Series = Callable[[Mapping[str, Any], int, int], Sequence[Value]]


def datapoints(alarm: Mapping[str, Any], series: Series) -> tuple[list[Value], int]:
    """Return an alarm's values of the last periods, newest first, and the period in seconds.

    Args:
        alarm: The alarm as PutMetricAlarm takes it.
        series: `(metric stat, period, count)` -> the values of a metric, newest first.
    """
    count = int(alarm.get("EvaluationPeriods") or 1)
    queries = alarm.get("Metrics")
    if alarm.get("ThresholdMetricId"):
        return _outside(alarm, queries or [], count, series)
    if not queries:
        period = int(alarm.get("Period") or 60)
        stat = {
            "Metric": {
                "Namespace": alarm["Namespace"],
                "MetricName": alarm["MetricName"],
                "Dimensions": alarm.get("Dimensions") or [],
            },
            "Stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average",
        }
        return list(series(stat, period, count)), period
    return _math(queries, count, series)


def _outside(
    alarm: Mapping[str, Any], queries: Sequence[Mapping[str, Any]], count: int, series: Series
) -> tuple[list[Value], int]:
    """Return 1 for each period whose value is outside the band that came before it, else 0."""
    wide = next(query for query in queries if query["Id"] == alarm["ThresholdMetricId"])
    parsed = band.parse(wide["Expression"])
    if parsed is None:
        raise UnsupportedExpression(f"cannot evaluate {wide['Expression']!r}")
    (watched,) = (query for query in queries if query["Id"] == parsed[0])
    period = _period(queries)
    values = list(series(watched["MetricStat"], period, count + band.PAST))
    usual = band.band(values[count:], parsed[1])
    below, above = OUTSIDE[alarm["ComparisonOperator"]]

    def odd(value: Value) -> Value:
        if value is None or usual is None:
            return None
        return float((below and value < usual[0]) or (above and value > usual[1]))

    return [odd(value) for value in values[:count]], period


def _math(
    queries: Sequence[Mapping[str, Any]], count: int, series: Series
) -> tuple[list[Value], int]:
    period = _period(queries)
    compares = any(over_time.looks_back(query.get("Expression", "0")) for query in queries)
    length = count + over_time.LOOK_BACK if compares else count
    known: dict[str, list[Value]] = {
        query["Id"]: list(reversed(series(query["MetricStat"], period, length)))
        for query in queries
        if "MetricStat" in query
    }
    pending = [query for query in queries if "MetricStat" not in query]
    wanted = _returned(queries)
    while pending:
        query = pending.pop(0)
        ready = not any(
            other["Id"] in query["Expression"] and other is not query for other in pending
        )
        if not ready:
            pending.append(query)
            continue
        known[query["Id"]] = over_time.evaluate_all(
            query["Expression"], known, count=length, period_s=period
        )
    return known[wanted][::-1][:count], period


def _period(queries: Sequence[Mapping[str, Any]]) -> int:
    periods = [q.get("Period") or q.get("MetricStat", {}).get("Period") for q in queries]
    return max(int(period) for period in periods if period)


def _returned(queries: Sequence[Mapping[str, Any]]) -> str:
    """Return the id of the query whose values the alarm watches."""
    returning = [query for query in queries if query.get("ReturnData", True)]
    expressions = [query for query in returning if "Expression" in query]
    return str((expressions or returning)[0]["Id"])


def state(alarm: Mapping[str, Any], values: Sequence[Value]) -> tuple[str, str] | None:
    """Return the state that the values call for and why; None to leave the state as it is.

    Args:
        alarm: The alarm.
        values: Newest first; None where a period has no data.
    """
    treat = alarm.get("TreatMissingData") or "missing"
    needed = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1)
    threshold = float(alarm.get("Threshold") or 0)  # a band's values are 1 outside, else 0
    breaches = OPERATORS.get(alarm["ComparisonOperator"], OPERATORS["GreaterThanThreshold"])
    present = [value for value in values if value is not None]
    if not present and treat == "missing":
        return "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received"
    if not present and treat == "ignore":
        return None
    missing = len(values) - len(present) if treat == "breaching" else 0
    breaching = sum(breaches(value, threshold) for value in present) + missing
    shown = ", ".join(f"{value:.6g}" for value in present) or "no data"
    reason = (
        f"Threshold Crossed: {breaching} out of the last {len(values)} datapoints [{shown}]"
        f" {alarm['ComparisonOperator']} {threshold:g} (needed: {needed})"
    )
    return ("ALARM" if breaching >= needed else "OK"), reason
