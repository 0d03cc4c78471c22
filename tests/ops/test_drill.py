from ops.alarms.alarm import alarms_of
from ops.drill import reaches, watch
from tests.ops.alarms.test_alarm import composite, metric

SLOW = "slipway-prod-search-slow"
TARGET = composite("slipway-prod-search-page", f"ALARM({SLOW})")
ENVIRONMENT = composite("slipway-prod-page", "ALARM(slipway-prod-search-page)")


def test_an_alarm_reaches_every_composite_above_it():
    near = alarms_of([metric(), TARGET, ENVIRONMENT, metric("slipway-prod-ads-slow")])
    slow = next(alarm for alarm in near if alarm.name == SLOW)

    assert reaches(slow, near) == ["slipway-prod-search-page", "slipway-prod-page"]


def test_what_follows_is_told_once_until_the_alarm_is_quiet_again():
    loud = alarms_of([metric(state="ALARM"), TARGET | {"StateValue": "ALARM"}])
    quiet = alarms_of([metric(), TARGET])
    looks = iter([(quiet, []), (loud, []), (loud, ["automatic: nothing"]), (quiet, ["x"])])
    lines = []

    outcome = watch(SLOW, lambda: next(looks), lines.append, poll_s=0)

    assert [line.split("s  ", 1)[1] for line in lines] == [
        "slipway-prod-search-page rings",
        "slipway-prod-search-slow rings",
        "automatic: nothing",
        "x",
    ]
    assert outcome == f"{SLOW} rang and is quiet again; 1 others rang, 1 answers"
