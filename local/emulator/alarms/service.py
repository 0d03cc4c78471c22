"""Puts the evaluation into MiniStack and runs it on a timer, so that silence is noticed too."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator import gateway
from local.emulator.alarms import data, events
from local.emulator.alarms.evaluation import datapoints, state
from local.emulator.alarms.expression import UnsupportedExpression, Value
from local.emulator.cloudformation.coerce import coerce
from local.emulator.hooks import wrap
from local.emulator.pace import pace
from local.emulator.timer import Timer

LOGGER = logging.getLogger("slipway.alarms")
INTERVAL_S = 2.0


class AlarmTimer:
    """Evaluates every alarm of every account every two seconds."""

    def __init__(self) -> None:
        self._timer = Timer(INTERVAL_S * min(1.0, pace() * 5), _tick)

    def install(self) -> None:
        """Replace MiniStack's evaluation and admit metric math in templates."""
        wrap("ministack.services.cloudwatch", "_evaluate_alarm", lambda _original: evaluate)
        wrap(
            "ministack.services.cloudformation.provisioners",
            "_cw_metric_alarm_record",
            _with_metric_math,
        )
        events.install()
        data.install()

    async def start(self) -> None:
        """Start the timer."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop the timer."""
        await self._timer.stop()


async def _tick() -> None:
    await asyncio.to_thread(evaluate_all)


def evaluate_all() -> None:
    """Evaluate every alarm in the account and region that it belongs to."""
    for (account, region, _name), alarm in list(cloudwatch._alarms._data.items()):
        with request_scope(account, region):
            try:
                evaluate(alarm)
            except Exception:
                LOGGER.exception("cannot evaluate alarm %s", alarm.get("AlarmName"))


def evaluate(alarm: dict[str, Any]) -> None:
    """Evaluate one alarm and carry out what a change of its state asks for."""
    try:
        values, _period = datapoints(alarm, series)
    except UnsupportedExpression as error:
        alarm["StateReason"] = str(error)
        return
    found = state(alarm, values)
    if found is None or found[0] == alarm["StateValue"]:
        return
    old, (new, reason) = alarm["StateValue"], found
    alarm["StateValue"], alarm["StateReason"] = new, reason
    alarm["StateUpdatedTimestamp"] = int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def series(stat: Mapping[str, Any], period: int, count: int) -> Sequence[Value]:
    """Return a metric's values of the last `count` periods up to now, newest first."""
    metric = stat["Metric"]
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions))
    points = list(cloudwatch._metrics.get(key) or [])
    now, length = time.time(), period * pace()
    values: list[Value] = []
    for index in range(count):
        newest, oldest = now - index * length, now - (index + 1) * length
        inside = [point for point in points if oldest < point["Timestamp"] <= newest]
        statistics = cloudwatch._calc_stats(inside) if inside else {}
        found = cloudwatch._stat_value(statistics, stat["Stat"], inside) if statistics else None
        values.append(None if found is None else float(found))
    return values


def _with_metric_math(original: Any) -> Any:
    def record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        queries = properties.get("Metrics")
        if not queries:
            return dict(original(name, properties))
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        needed = {"MetricName": "-", "Namespace": "-", "Threshold": plain.get("Threshold", 0)}
        alarm = dict(original(name, plain | needed))
        if "ThresholdMetricId" in plain:
            alarm["ThresholdMetricId"] = plain["ThresholdMetricId"]
            alarm.pop("Threshold", None)
        model = gateway.client("cloudwatch").meta.service_model
        shape = model.operation_model("PutMetricAlarm").input_shape.members["Metrics"]
        for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period"):
            alarm.pop(key, None)
        return {**alarm, "Metrics": coerce(shape, queries)}

    return record
