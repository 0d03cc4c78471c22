"""Load at a rate, on a call that takes a known time."""

import time

from model_build.search.load import at_rate


def sleeping(seconds: float):
    return lambda: lambda _rows: time.sleep(seconds)


def test_a_server_that_stalls_shows_in_an_open_loop():
    calls = iter(range(10_000))

    def stalling():
        return lambda _rows: time.sleep(0.15 if next(calls) == 5 else 0.001)

    stalled = at_rate(stalling, ["a"], rate=60, seconds=0.5, random=True, clients=1)

    # one call stalls, and those that were due meanwhile wait for it
    assert sum(value > 50 for value in stalled) > 1


def test_calls_come_at_the_rate_that_was_asked_for():
    even = at_rate(sleeping(0.004), ["a"], rate=60, seconds=0.5)

    assert len(even) in (30, 31)  # the last is due at the end
    assert min(even) >= 4
