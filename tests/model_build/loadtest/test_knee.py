"""The search for the highest rate that keeps an objective."""

import pytest

from model_build.loadtest.generator import Point
from model_build.loadtest.knee import NARROW, knee

OBJECTIVE_MS = 10.0


def made(capacity: float):
    """A system whose p99 is over 10 ms above its capacity."""
    asked = []

    def ask(rate: float) -> Point:
        asked.append(rate)
        p99 = 4.0 if rate <= capacity else 40.0
        return Point(rate, rate, 0, 0, 1, 2, p99, 50)

    return ask, asked


@pytest.mark.parametrize("capacity", [60, 100, 730, 5000])
def test_the_knee_is_found_from_below_and_narrowly(capacity: float):
    ask, asked = made(capacity)

    met, points = knee(ask, OBJECTIVE_MS)

    assert met is not None
    assert capacity / NARROW <= met.offered <= capacity
    assert [point.offered for point in points] == sorted({*asked})
    assert len(asked) <= 24


def test_without_a_rate_that_meets_the_objective_there_is_no_knee():
    ask, _ = made(0)

    assert knee(ask, OBJECTIVE_MS)[0] is None
