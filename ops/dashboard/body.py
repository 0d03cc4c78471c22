"""A dashboard's body, as GetDashboard gives it: widgets on a grid of 24 columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COLUMNS = 24
Row = Sequence[Any]


@dataclass(frozen=True)
class Line:
    """A line at a value: a limit.

    Attributes:
        value: Where.
        label: What it says.
    """

    value: float
    label: str = ""


@dataclass(frozen=True)
class Widget:
    """One widget.

    Attributes:
        kind: `metric`, `text` or `alarm`; others are shown by their name.
        x: Its column.
        y: Its row.
        width: In columns.
        height: In rows.
        title: Its heading.
        markdown: The text of a text widget.
        view: `timeSeries`, `singleValue` or another of CloudWatch's.
        queries: What GetMetricData is asked, hidden helpers included; `ReturnData` tells them.
        limits: Lines at values.
        alarms: The names of the alarms it shows.
        period: The widget's own period in seconds.
    """

    kind: str
    x: int
    y: int
    width: int
    height: int
    title: str = ""
    markdown: str = ""
    view: str = "timeSeries"
    queries: tuple[dict[str, Any], ...] = ()
    limits: tuple[Line, ...] = ()
    alarms: tuple[str, ...] = ()
    period: int = field(default=60)


def widgets(body: str) -> list[Widget]:
    """Return the widgets of a dashboard's body, from top left to bottom right."""
    made = [_widget(item) for item in json.loads(body)["widgets"]]
    return sorted(made, key=lambda widget: (widget.y, widget.x))


def _widget(item: Mapping[str, Any]) -> Widget:
    properties = item.get("properties", {})
    period = int(properties.get("period") or 60)
    stat = str(properties.get("stat") or "Average")
    horizontal = properties.get("annotations", {}).get("horizontal", ())
    return Widget(
        kind=item["type"],
        x=int(item.get("x", 0)),
        y=int(item.get("y", 0)),
        width=int(item.get("width", 6)),
        height=int(item.get("height", 6)),
        title=str(properties.get("title", "")),
        markdown=str(properties.get("markdown", "")),
        view=str(properties.get("view", "timeSeries")),
        queries=tuple(queries(properties.get("metrics", ()), stat, period)),
        limits=tuple(_limit(line) for line in horizontal if not isinstance(line, list)),
        alarms=tuple(arn.rsplit(":alarm:", 1)[-1] for arn in properties.get("alarms", ())),
        period=period,
    )


def _limit(line: Mapping[str, Any]) -> Line:
    return Line(float(line["value"]), str(line.get("label", "")))


def queries(rows: Sequence[Row], stat: str, period: int) -> list[dict[str, Any]]:
    """Return GetMetricData's queries for a widget's metrics.

    Args:
        rows: `[namespace, name, dimension, value, ..., options]` or `[{expression, ...}]`; `.`
            repeats the item above, `...` the row above.
        stat: The widget's statistic.
        period: The widget's period, in seconds.
    """
    made = []
    above: list[Any] = []
    for number, row in enumerate(rows):
        options = dict(row[-1]) if isinstance(row[-1], Mapping) else {}
        words = [item for item in row if not isinstance(item, Mapping)]
        words = _spelt_out(words, above)
        above = words or above
        made.append(_query(words, options, f"q{number}", stat, period))
    return made


def _spelt_out(words: list[Any], above: list[Any]) -> list[Any]:
    if words[:1] == ["..."]:
        words = above[: len(above) - len(words) + 1] + words[1:]
    return [above[i] if word == "." and i < len(above) else word for i, word in enumerate(words)]


def _query(
    words: list[Any], options: dict[str, Any], identity: str, stat: str, period: int
) -> dict[str, Any]:
    shown = {"Id": options.get("id", identity), "ReturnData": options.get("visible", True)}
    if "expression" in options:
        label = options.get("label") or options["expression"]
        every = int(options.get("period") or period)
        return shown | {"Label": label, "Expression": options["expression"], "Period": every}
    namespace, name, *rest = words
    pairs = zip(rest[::2], rest[1::2], strict=True)
    dimensions = [{"Name": str(key), "Value": str(value)} for key, value in pairs]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    return shown | {
        "Label": options.get("label") or " ".join([str(name), *map(str, rest[1::2])]),
        "MetricStat": {
            "Metric": metric,
            "Stat": options.get("stat") or stat,
            "Period": int(options.get("period") or period),
        },
    }
