"""The band of what a metric usually is: a stand-in for CloudWatch's anomaly detection.

CloudWatch learns hours and weekdays from two weeks. Here the band is the mean of the last periods
before the ones that are looked at, plus and minus so many standard deviations; with fewer than
`ENOUGH` of them there is no band, and nothing is unusual, as on AWS while it learns.
"""

import re
import statistics
from collections.abc import Sequence

from local.emulator.alarms.expression import Value

ENOUGH, PAST = 6, 48
LEAST = 1e-9
_BAND = re.compile(r"^\s*ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*([\d.]+)\s*)?\)\s*$")


def parse(expression: str) -> tuple[str, float] | None:
    """Return the metric's id and the width in deviations; None if it is another expression."""
    found = _BAND.match(expression)
    return (found[1], float(found[2] or 2)) if found else None


def band(past: Sequence[Value], width: float) -> tuple[float, float] | None:
    """Return the lowest and highest usual value, or None while too little is known."""
    known = [value for value in past if value is not None]
    if len(known) < ENOUGH:
        return None
    middle, spread = statistics.fmean(known), max(statistics.pstdev(known), LEAST)
    return middle - width * spread, middle + width * spread
