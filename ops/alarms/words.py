"""When an alarm rings, in words, from its own definition; runbooks and commands show the same."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

RINGS = {
    "GreaterThanThreshold": "above",
    "GreaterThanOrEqualToThreshold": "from",
    "LessThanThreshold": "below",
    "LessThanOrEqualToThreshold": "up to",
    "GreaterThanUpperThreshold": "above the band",
    "LessThanLowerThreshold": "below the band",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside the band",
}
SILENCE = {
    "breaching": "silence rings",
    "notBreaching": "silence is well",
    "ignore": "silence changes nothing",
    "missing": "silence is no answer",
}
SCALE = {"ModelLatency": 1000.0, "ModelLoadingWaitTime": 1000.0}  # microseconds in a millisecond
_MINIMUM = re.compile(r"^IF\((.+ >= [\d.]+), (.+), 0\)$")  # enough samples, or nothing is wrong
UNITS = {"ModelLatency": " ms", "ModelLoadingWaitTime": " ms", "TargetResponseTime": " s"}


def condition(alarm: Mapping[str, Any]) -> str:
    """Return when an alarm rings: metric, side and threshold, periods, what silence means.

    Args:
        alarm: As CloudWatch's API or a CloudFormation template describes it.
    """
    if "AlarmRule" in alarm:
        return f"while {alarm['AlarmRule']}"
    periods = int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    length = _length(period_s(alarm))
    times = f"{length}" if needed == periods == 1 else f"{needed} of {periods} times {length}"
    silence = SILENCE[str(alarm.get("TreatMissingData") or "missing")]
    return f"{watched(alarm)} {_limit(alarm)}, {times}; {silence}"


def watched(alarm: Mapping[str, Any]) -> str:
    """Return what an alarm watches: `METRIC STATISTIC`, or an expression of such."""
    if "MetricName" in alarm:
        return f"{alarm['MetricName']} {_statistic(alarm)}"
    named = {query["Id"]: _of_query(query) for query in alarm["Metrics"] if "MetricStat" in query}
    expressions = [query["Expression"] for query in alarm["Metrics"] if query.get("Expression")]
    if not expressions:
        return ", ".join(named.values())
    ids = re.compile(rf"\b({'|'.join(map(re.escape, named))})\b")
    said = (ids.sub(lambda found: named[found.group()], text) for text in expressions)
    return "; ".join(_MINIMUM.sub(r"\2 where \1", text) for text in said)


def metrics(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield each metric that an alarm reads: namespace, name, dimensions."""
    if "MetricName" in alarm:
        yield alarm
    for query in alarm.get("Metrics") or ():
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def period_s(alarm: Mapping[str, Any]) -> int:
    """Return the length of an alarm's period in seconds."""
    found = [alarm.get("Period")]
    for query in alarm.get("Metrics") or ():
        found += [query.get("Period"), query.get("MetricStat", {}).get("Period")]
    return max(int(period) for period in (*found, 0) if period is not None) or 60


def in_unit(alarm: Mapping[str, Any], value: float) -> str:
    """Return a value of what an alarm watches as people read it, with its unit."""
    names = (str(metric["MetricName"]) for metric in metrics(alarm))
    name = next((name for name in names if name in UNITS), "")
    return f"{value / SCALE.get(name, 1.0):.4g}{UNITS.get(name, '')}"


def _limit(alarm: Mapping[str, Any]) -> str:
    side = RINGS[alarm["ComparisonOperator"]]
    if alarm.get("ThresholdMetricId"):
        return side
    return f"{side} {in_unit(alarm, float(alarm['Threshold']))}"


def _of_query(query: Mapping[str, Any]) -> str:
    stat = query["MetricStat"]
    return f"{stat['Metric']['MetricName']} {stat['Stat']}"


def _statistic(alarm: Mapping[str, Any]) -> str:
    return str(alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average")


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if rest:
        return f"{seconds} s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
