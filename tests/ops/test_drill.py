from ops.alarms.alarm import alarms_of
from ops.drill import Event, reaches, transitions, watch
from tests.ops.alarms.test_alarm import NOW, composite, metric

SLOW = "slipway-prod-search-slow"
TARGET = composite("slipway-prod-search-page", f"ALARM({SLOW})")
ENVIRONMENT = composite("slipway-prod-page", "ALARM(slipway-prod-search-page)")


def test_an_alarm_reaches_every_composite_above_it():
    near = alarms_of([metric(), TARGET, ENVIRONMENT, metric("slipway-prod-ads-slow")])
    slow = next(alarm for alarm in near if alarm.name == SLOW)

    assert reaches(slow, near) == ["slipway-prod-search-page", "slipway-prod-page"]


def test_what_follows_is_told_once_until_the_alarm_is_quiet_again():
    events = [
        Event(NOW, f"{SLOW}: from OK to ALARM"),
        Event(NOW, "slipway-prod-page: from OK to ALARM"),
        Event(NOW, f"{SLOW}: from ALARM to OK"),
    ]
    looks = iter([[], events[:1], events[:2], events])
    lines = []

    outcome = watch(SLOW, lambda: next(looks), lines.append, poll_s=0)

    assert lines == [f"03:00:00 UTC  {event.what}" for event in events]
    assert outcome == f"{SLOW} rang and is quiet again; also heard of: slipway-prod-page"


class FakeCloudWatch:
    """Two changes of one second, as CloudWatch lists them: the newest first."""

    def describe_alarm_history(self, AlarmName, StartDate, **_):  # noqa: N803 (boto3's names)
        assert StartDate == NOW
        words = ("Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM")
        items = [{"Timestamp": NOW, "HistorySummary": summary} for summary in words]
        return {"AlarmHistoryItems": items}


def test_the_history_is_told_from_the_oldest_on():
    found = transitions(FakeCloudWatch(), [SLOW], NOW)

    assert [event.what for event in found] == [
        f"{SLOW}: from OK to ALARM",
        f"{SLOW}: from ALARM to OK",
    ]
