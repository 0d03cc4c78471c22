"""The search and the load of the Triton benchmark, without a server."""

import json
import time

import pytest

from benchmarks import triton
from benchmarks.triton_load import poisson
from benchmarks.triton_search import SPACE, Settings, Trial, climb, neighbours, regression
from catalog.load import load_models

HILL = Settings(instances=2, max_batch=16, queue_delay_us=200, concurrency=8)


def hill(settings: Settings) -> Trial:
    """A server with one best configuration, and a p99 that grows with clients and delay."""
    away = sum(
        abs(notches.index(getattr(settings, name)) - notches.index(getattr(HILL, name)))
        for name, notches in SPACE.items()
    )
    p99 = settings.concurrency + settings.queue_delay_us / 1000
    return Trial(settings, 1000.0 / (1 + 0.2 * away), p99 / 2, p99)


def test_the_climb_finds_the_top_and_keeps_every_trial():
    best, trials = climb(hill, 100.0, Settings(), 60)

    assert best.settings == HILL
    assert len({trial.settings for trial in trials}) == len(trials)
    assert best in trials
    assert len(trials) < 60  # of 4 * 7 * 6 * 6 = 1008


def test_the_objective_bounds_the_climb():
    best, _ = climb(hill, 4.5, Settings(), 60)

    assert best.p99_ms <= 4.5
    assert best.settings.concurrency == 4


def test_where_nothing_keeps_the_objective_the_nearest_wins():
    best, trials = climb(hill, 0.5, Settings(concurrency=4), 30)

    assert best.p99_ms == min(trial.p99_ms for trial in trials)


def test_trials_are_bounded():
    assert len(climb(hill, 100.0, Settings(), 9)[1]) <= 9


def test_neighbours_differ_by_one_notch():
    start = Settings()

    for other in neighbours(start):
        changed = [name for name in SPACE if getattr(other, name) != getattr(start, name)]
        assert len(changed) == 1


def test_a_winner_that_is_worse_by_more_than_the_share_is_a_regression():
    now = Trial(Settings(), 79.0, 1.0, 2.0)

    assert "fell to 79.0 a second, from 100.0" in regression({"throughput": 100.0}, now, 0.2)
    assert not regression({"throughput": 98.0}, now, 0.2)


def test_a_server_that_stalls_shows_in_an_open_loop():
    def asker():
        return lambda _texts: time.sleep(0.004)

    calm = poisson(asker, ["a"], rate=60, seconds=0.5)
    calls = iter(range(10_000))

    def stalling():
        return lambda _texts: time.sleep(0.15 if next(calls) == 5 else 0.001)

    stalled = poisson(stalling, ["a"], rate=60, seconds=0.5, clients=1)

    assert min(calm) >= 4
    # one call stalls, and those that were due meanwhile wait for it
    assert sum(value > 50 for value in stalled) > 1


def test_a_trials_settings_become_the_targets_options(tmp_path):
    spec = load_models()["embedding"]

    changed = triton.target_with(spec.target("cpu"), Settings(3, 16, 200, 8))

    assert (changed.options.instances, changed.options.max_batch) == (3, 16)
    assert changed.options.threads == spec.target("cpu").options.threads


def test_the_curve_is_drawn(tmp_path):
    trials = [hill(Settings()).to_json(), hill(HILL).to_json()]
    document = {"model": "m", "accelerator": "cpu", "p99_ms": 9, "winner": trials[1],
                "trials": trials}  # fmt: skip

    triton.plot(json.loads(json.dumps(document)), tmp_path / "curve.png")

    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_an_unknown_mode_is_refused():
    with pytest.raises(SystemExit):
        triton.main(["guess"])
