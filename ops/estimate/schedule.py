"""Schedules of AWS as shares of time: which bounds hold how long, and how often a job runs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MINUTES_OF_A_WEEK = 7 * 24 * 60
WEEKS_OF_A_MONTH = 365 / 12 / 7
_DAYS = {name: day for day, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_UNITS = {"minute": 1, "hour": 60, "day": 1440}


class UnreadableSchedule(Exception):
    """An expression that names days of the month or other things that a week does not show."""


@dataclass(frozen=True)
class Bounds:
    """A minimum and a maximum of machines, and the share of time for which they hold."""

    share: float
    low: int
    high: int


def week_of(expression: str) -> list[int]:
    """Return the minutes of a week (from Sunday, 00:00 UTC) at which an expression fires.

    Args:
        expression: `cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR)` or `rate(N UNIT)`, as AWS has them.

    Raises:
        UnreadableSchedule: It is neither, or depends on the day of the month.
    """
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if rate:
        return list(range(0, MINUTES_OF_A_WEEK, int(rate[1]) * _UNITS[rate[2]]))
    cron = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if cron is None or not {cron[3], cron[4], cron[6]} <= {"*", "?"}:
        raise UnreadableSchedule(
            f"schedule {expression!r}: only minutes, hours and weekdays can be read here"
        )
    minutes, hours = _field(cron[1], 0, 59), _field(cron[2], 0, 23)
    return [
        ((day - 1) * 24 + hour) * 60 + minute
        for day in _field(cron[5], 1, 7)
        for hour in hours
        for minute in minutes
    ]


def runs_a_month(expression: str) -> float:
    """Return how often an expression fires in an average month."""
    return len(week_of(expression)) * WEEKS_OF_A_MONTH


def shares(default: tuple[int, int], actions: Mapping[str, tuple[int, int]]) -> Sequence[Bounds]:
    """Return which bounds hold for which share of a week.

    Args:
        default: The bounds where no action ever fires.
        actions: Bounds by the expression that sets them; the last one that fired holds.
    """
    events = sorted(
        (minute, bounds) for expression, bounds in actions.items() for minute in week_of(expression)
    )
    if not events:
        return [Bounds(1.0, *default)]
    spans: dict[tuple[int, int], int] = {}
    following = [minute for minute, _ in events[1:]] + [events[0][0] + MINUTES_OF_A_WEEK]
    for (minute, bounds), end in zip(events, following, strict=True):
        spans[bounds] = spans.get(bounds, 0) + end - minute
    return [Bounds(span / MINUTES_OF_A_WEEK, *bounds) for bounds, span in spans.items()]


def _field(words: str, first: int, last: int) -> list[int]:
    """Return the numbers of one cron field: `*`, `5`, `1-5`, `MON-FRI`, `0/15`, lists of them."""
    found: set[int] = set()
    for part in words.split(","):
        body, _, step = part.partition("/")
        start, _, end = body.partition("-")
        if body in ("*", "?"):
            low, high = first, last
        else:
            low = _number(start)
            high = _number(end) if end else (last if step else low)
        found |= set(range(low, high + 1, int(step or 1)))
    return sorted(found)


def _number(word: str) -> int:
    try:
        return _DAYS[word.upper()] if word.upper() in _DAYS else int(word)
    except ValueError:
        raise UnreadableSchedule(f"{word!r} in a schedule is no number and no weekday") from None
