from datetime import UTC, datetime

from catalog.audit import Record, latest, new_id

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ASKED = Record(
    new_id(AT, "0123456789"), "arn:aws:iam::1:user/ann", "rollback", "prod", "p99 doubled"
)


def test_a_record_is_read_as_it_was_written():
    assert Record.from_json(ASKED.to_json()) == ASKED
    assert ASKED.at == "2026-11-22 03:04:05"
    assert ASKED.key == "audit/20261122T030405Z-01234567-asked.json"


def test_a_change_is_listed_once_with_how_it_ended_and_the_newest_comes_first():
    later = Record(new_id(AT.replace(hour=4), "f" * 8), "automatic:slow", "rollback", "prod", "x")
    done = ASKED.ended("done", "release a serves")

    assert latest([done, ASKED, later]) == [later, done]


def test_a_change_that_was_interrupted_is_still_listed():
    assert [item.state for item in latest([ASKED])] == ["asked"]
