import itertools
import threading

import pytest

from model_build.measure import (
    closed_loop,
    interleaved,
    percentile,
    percentile_interval,
    ratio_of_medians,
)


def test_percentiles_are_linear_between_samples():
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.5
    assert percentile([0.0, 10.0], 99) == pytest.approx(9.9)


def test_equal_samples_give_equal_intervals_around_their_value():
    samples = [float(value % 17) for value in range(200)]

    first, second = percentile_interval(samples, 99), percentile_interval(samples, 99)

    assert first == second
    assert first.low <= first.value <= first.high


def test_a_ratio_says_how_many_times_the_fast_one_fits_into_the_slow_one():
    ratio = ratio_of_medians([10.0, 11.0, 12.0] * 20, [1.0, 1.1, 1.2] * 20)

    assert ratio.value == pytest.approx(10.0)
    assert 9.0 < ratio.low <= ratio.value <= ratio.high < 12.0


def test_systems_take_turns_and_each_gets_its_least_number_of_samples():
    order = []
    calls = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}

    samples = interleaved(calls, seconds=0.0, block=2, minimum=4, warmup=1)

    assert "".join(order) == "ab" + "aabb" * 2
    assert len(samples["a"]) == len(samples["b"]) == 4


def test_a_closed_loop_runs_its_clients_at_once_and_counts_inputs():
    together = threading.Barrier(3, timeout=5)
    calls = itertools.count()

    def call(number):
        if next(calls) >= 2:  # after the warm-up
            together.wait()

    result = closed_loop(call, concurrency=3, batch=4, seconds=0.0, minimum=2)

    assert len(result.milliseconds) == 6
    assert result.throughput > 0


def test_a_failing_call_ends_the_loop_with_its_own_error():
    def call(number):
        if number > 5:
            raise RuntimeError("engine died")

    with pytest.raises(RuntimeError, match="engine died"):
        closed_loop(call, concurrency=2, batch=1, seconds=5)
