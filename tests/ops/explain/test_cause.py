from datetime import timedelta

import pytest

from catalog.audit import Record
from ops.alarms.alarm import alarms_of
from ops.explain.cause import Known, likely_cause
from ops.promotions import Promotion
from tests.ops.alarms.test_alarm import NOW, composite, metric

NEW = "b" * 64


def ringing(name="slipway-prod-search-slow", sooner=timedelta(0)):
    (alarm,) = alarms_of([metric(name, "ALARM", StateUpdatedTimestamp=NOW - sooner)])
    return alarm


def promotion(began, moved=None, status="Succeeded"):
    at = None if moved is None else NOW - moved
    ended = at or NOW
    return Promotion("prod", "execution-1", NEW, NOW - began, ended, status, at)


@pytest.mark.parametrize(
    ("made", "words", "command"),
    [
        (
            promotion(timedelta(minutes=9), timedelta(minutes=6)),
            "release bbbbbbbbbbbb went live 6 min before it rang",
            "rollback --environment prod --dry-run",
        ),
        (
            promotion(timedelta(minutes=4), status="InProgress"),
            "is being rolled out since 4 min before it rang",
            "status --environment prod",
        ),
        (
            promotion(timedelta(minutes=5), status="Failed"),
            "did not come through",
            "status --environment prod",
        ),
    ],
)
def test_a_release_shortly_before_is_the_first_suspect(made, words, command):
    cause = likely_cause(ringing(), Known("prod", [made]))

    assert words in cause.sentence
    assert cause.command == command


def test_a_release_of_yesterday_is_no_suspect():
    old = promotion(timedelta(hours=20), timedelta(hours=19))

    assert "No release" in likely_cause(ringing(), Known("prod", [old])).sentence


def test_an_operators_change_is_told_with_its_reason():
    change = Record("20261122T025000Z-12345678", "ann", "scale", "prod", "fewer at night")

    assert likely_cause(ringing(), Known("prod", changes=[change])).sentence == (
        "ann did a scale 10 min before it rang (fewer at night)"
    )


def test_of_a_page_the_part_that_rang_first_is_named_through_what_lies_between():
    (page,) = alarms_of([composite("prod-page", "ALARM(search-page)") | {"StateValue": "ALARM"}])
    (between,) = alarms_of(
        [composite("search-page", "ALARM(search-slow) OR ALARM(search-failing)")]
    )
    parts = [ringing("search-failing"), ringing("search-slow", timedelta(minutes=2))]

    cause = likely_cause(page, Known("prod", ringing=[between, *parts]))

    assert cause.sentence.startswith("2 of its parts ring; search-slow was first")
    assert cause.command == "explain search-slow"


def test_an_alarm_that_is_quiet_has_no_cause():
    (alarm,) = alarms_of([metric()])

    assert likely_cause(alarm, Known("prod")).sentence == "It does not ring: so"
