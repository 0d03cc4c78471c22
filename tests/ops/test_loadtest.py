import threading
import time

import pytest

from ops.loadtest import Outcome, offer


def test_calls_start_when_they_are_due_though_earlier_ones_still_run():
    running, most = 0, 0
    lock = threading.Lock()

    def slow():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.2)
        with lock:
            running -= 1

    outcome = offer([slow], rate=40, seconds=0.5)

    assert outcome.requests == 20
    assert most >= 4
    assert outcome.p50_ms >= 200


def test_a_call_that_waits_for_its_turn_is_timed_from_when_it_was_due(monkeypatch):
    monkeypatch.setattr("ops.loadtest.AT_ONCE", 1)

    outcome = offer([lambda: time.sleep(0.05)], rate=100, seconds=0.2)

    assert outcome.p99_ms > 500  # twenty calls of 50 ms, one after the other


def test_failed_calls_are_counted_and_the_first_is_shown():
    def fails():
        raise OSError("connection refused")

    outcome = offer([lambda: None, fails], rate=100, seconds=0.1)

    assert (outcome.requests, outcome.errors) == (10, 5)
    assert "connection refused" in outcome.objections(1e6, 1)[0]


@pytest.mark.parametrize(
    ("p99_ms", "errors", "words"),
    [(80.0, 0, ["p99 is 80.0 ms, the limit alarms.p99_ms is 50"]), (10.0, 0, [])],
)
def test_the_limits_are_those_of_the_environments_alarms(p99_ms, errors, words):
    outcome = Outcome(100, errors, 10, 5.0, p99_ms)

    assert outcome.objections(50, 1) == words
