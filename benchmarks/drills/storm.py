"""An alarm storm: everything rings at once, and whoever is on call is paged once."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.drills.ears import ear
from benchmarks.drills.release import Drilled
from benchmarks.drills.timeline import Timeline, until
from ops.alarms.alarm import Alarm
from ops.alarms.cli import read
from ops.alarms.words import metrics, period_s

STORM_S = 30.0
BLOW_S = 5.0
MANY = 100.0  # calls in each datum: above every alarm's minimum of samples


def drill(drilled: Drilled) -> Timeline:
    """Put bad values of every metric that an alarm of severity `page` reads."""
    account, environment = drilled.account, drilled.environment
    line = Timeline(f"An alarm storm in {environment}")
    loud = [a for a in read(account, environment) if a.severity == "page" and not a.composite]
    until(lambda: not _ringing(drilled), "all alarms quiet")
    with ear(account, environment, "page") as page, ear(account, environment, "inform") as inform:
        line.tell(f"bad values of all that {len(loud)} alarms of severity page watch")
        began = time.time()
        with ThreadPoolExecutor(len(loud)) as pool:
            while time.time() - began < STORM_S:
                list(pool.map(lambda alarm: _blow(drilled, alarm), loud))
                time.sleep(BLOW_S)
        line.tell("the storm ends")
        until(lambda: not _ringing(drilled), "the end of the storm")
        until(lambda: page.count("OK"), "the all-clear")
        rang = {name for name, state in inform.listen() if state == "ALARM"}
        line.tell(f"{len(rang)} alarms were told to those informed, to those on call:")
        for name, state in page.listen():
            line.tell(f"{name} {state}")
        pages = page.count("ALARM")
    line.promise({alarm.name for alarm in loud} <= rang, f"all {len(loud)} rang")
    line.promise(pages == 1, f"those on call were paged once for all ({pages})")
    return line


def _ringing(drilled: Drilled) -> list[str]:
    found = read(drilled.account, drilled.environment)
    return [a.name for a in found if a.state == "ALARM" and a.severity == "page"]


def _blow(drilled: Drilled, alarm: Alarm) -> None:
    """Put bad values into each period that an alarm looks at."""
    document = alarm.document
    bad = _bad(document)
    client = drilled.account.client("cloudwatch")
    periods = int(document.get("EvaluationPeriods") or 1)
    moments = [time.time() - period_s(document) * (index + 0.3) for index in range(periods)]
    for metric in metrics(document):
        data = [
            {
                "MetricName": metric["MetricName"],
                "Dimensions": list(metric.get("Dimensions") or ()),
                "Timestamp": moment,
                "Values": [_value(metric["MetricName"], bad)],
                "Counts": [MANY],
            }
            for moment in moments
        ]
        client.put_metric_data(Namespace=metric["Namespace"], MetricData=data)


def _bad(document: Mapping[str, Any]) -> float:
    """Return a value far beyond an alarm's threshold, on the side on which it rings."""
    threshold = float(document.get("Threshold") or 1.0)
    return 0.0 if document["ComparisonOperator"].startswith("Less") else 10 * threshold + 10


def _value(name: str, bad: float) -> float:
    counted = name in {"Invocations", "RequestCount", "RequestCountPerTarget"}
    return 1.0 if counted else bad
