import pytest

from benchmarks import load


def test_a_million_requests_cost_what_the_machine_costs_meanwhile():
    assert load.usd_per_million(3.6, 1000) == pytest.approx(1.0)


def test_bodies_have_the_lengths_of_real_queries():
    lengths = sorted(len(body) for body in load.bodies())

    assert len(lengths) > 900
    assert lengths[0] < 25 < lengths[len(lengths) // 2] < 60 < lengths[-1]
