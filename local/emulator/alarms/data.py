"""GetMetricData with metric math, which MiniStack answers with an error; bands among it.

A period lasts as long as alarms say it does: with `SLIPWAY_PACE` below one, less.
"""

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch

from local.emulator.alarms import band, over_time
from local.emulator.alarms.expression import UnsupportedExpression, Value
from local.emulator.hooks import wrap
from local.emulator.pace import pace

Json = dict[str, Any]
MOST = 100_800  # values that AWS gives in one answer


def install() -> None:
    """Answer queries with expressions; MiniStack answers those by the form protocol itself."""
    wrap("ministack.services.cloudwatch", "_get_metric_data", _answering)


def _answering(original: Any) -> Any:
    def answer(params: Any, asked: Json, is_cbor: bool, is_json: bool = False) -> Any:
        if not (is_cbor or is_json):
            return original(params, asked, is_cbor, is_json)
        start, end = (cloudwatch._parse_ts(asked.get(key)) for key in ("StartTime", "EndTime"))
        results = [_plain(item, is_cbor) for item in evaluate_all(asked, start, end)]
        body = {"MetricDataResults": results}
        return cloudwatch._cbor_ok(body) if is_cbor else cloudwatch._json_ok(body)

    return answer


def evaluate_all(asked: Json, start: float, end: float) -> list[Json]:
    """Return the results of all queries that return data, oldest value first."""
    queries = asked.get("MetricDataQueries", [])
    period_s = _length(queries)
    length = period_s * pace()
    first = math.floor(start / length)
    count = min(MOST, max(1, math.ceil(end / length) - first))
    times = [(first + index) * length for index in range(count)]
    known: dict[str, list[Value]] = {}
    for query in queries:
        if "MetricStat" in query:
            known[query["Id"]] = _series(query["MetricStat"], times, length)
    results = [
        (query, *_values(query, known, times, period_s)) for query in _in_order(queries)
    ]  # `known` grows while expressions are evaluated
    by_id = {query["Id"]: (found, status) for query, found, status in results}
    return [
        _result(query, *by_id[query["Id"]], times)
        for query in queries
        if query.get("ReturnData", True)
    ]


def _values(
    query: Json, known: dict[str, list[Value]], times: Sequence[float], period_s: float
) -> tuple[list[Value], str]:
    if "MetricStat" in query:
        return known[query["Id"]], ""
    expression = query["Expression"]
    parsed = band.parse(expression)
    if parsed is not None:
        usual = band.band(known[parsed[0]], parsed[1])
        known[query["Id"]] = [usual[1] if usual else None for _ in times]
        return known[query["Id"]], ""
    try:
        known[query["Id"]] = over_time.evaluate_all(
            expression, known, count=len(times), period_s=period_s
        )
    except UnsupportedExpression as error:
        known[query["Id"]] = [None for _ in times]
        return known[query["Id"]], str(error)
    return known[query["Id"]], ""


def _in_order(queries: Sequence[Json]) -> list[Json]:
    """Return metrics first, then expressions, each after those it mentions."""
    done = [query for query in queries if "MetricStat" in query]
    pending = [query for query in queries if "MetricStat" not in query]
    while pending:
        waiting = {query["Id"] for query in pending}
        ready = [q for q in pending if not _mentions(q) & (waiting - {q["Id"]})] or pending[:1]
        done += ready
        pending = [query for query in pending if query not in ready]
    return done


def _mentions(query: Json) -> set[str]:
    parsed = band.parse(query["Expression"])
    if parsed is not None:
        return {parsed[0]}
    text = query["Expression"]
    return {
        word for word in text.replace("(", " ").replace(",", " ").split() if word.isidentifier()
    }


def _series(stat: Mapping[str, Any], times: Sequence[float], length: float) -> list[Value]:
    metric = stat["Metric"]
    dimensions = {item["Name"]: item["Value"] for item in metric.get("Dimensions") or []}
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions))
    slots: dict[int, list[Json]] = {}
    for point in list(cloudwatch._metrics.get(key) or []):
        slots.setdefault(math.floor((point["Timestamp"] - times[0]) / length), []).append(point)

    def value(index: int) -> Value:
        points = slots.get(index)
        if not points:
            return None
        found = cloudwatch._stat_value(cloudwatch._calc_stats(points), stat["Stat"], points)
        return None if found is None else float(found)

    return [value(index) for index in range(len(times))]


def _length(queries: Sequence[Json]) -> int:
    periods = [q.get("Period") or q.get("MetricStat", {}).get("Period") for q in queries]
    return max((int(period) for period in periods if period), default=60)


def _result(query: Json, values: Sequence[Value], wrong: str, times: Sequence[float]) -> Json:
    pairs = [(at, value) for at, value in zip(times, values, strict=True) if value is not None]
    found: Json = {
        "Id": query["Id"],
        "Label": query.get("Label", query["Id"]),
        "Timestamps": [at for at, _ in pairs],
        "Values": [value for _, value in pairs],
        "StatusCode": "InternalError" if wrong else "Complete",
    }
    return {**found, "Messages": [{"Code": "Unsupported", "Value": wrong}]} if wrong else found


def _plain(result: Json, is_cbor: bool) -> Json:
    stamps = [
        datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat().replace("+00:00", "Z")
        for at in result["Timestamps"]
    ]
    plain = {**result, "Timestamps": stamps}
    return dict(cloudwatch._cbor_metric_data_result(plain)) if is_cbor else plain
