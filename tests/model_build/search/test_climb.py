"""Hill climbing, on a hill of which the top is known."""

from collections import Counter
from dataclasses import replace

from model_build.search.climb import SPACE, Settings, Trial, climb, nearest, neighbours

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
    assert best in trials
    assert len(trials) < 60  # of 4 * 7 * 6 * 6 = 1008


def test_only_what_lies_around_the_end_is_tried_twice():
    best, trials = climb(hill, 100.0, Settings(), 60)

    often = Counter(trial.settings for trial in trials)
    around = set(neighbours(best.settings))
    assert {settings for settings, times in often.items() if times == 2} == around
    assert max(often.values()) == 2


def test_a_disturbed_trial_does_not_end_the_climb():
    seen: set[Settings] = set()

    def disturbed(settings: Settings) -> Trial:
        trial = hill(settings)
        if settings in seen or settings == Settings():
            return trial
        seen.add(settings)
        return replace(trial, throughput=trial.throughput / 2)

    best, _ = climb(disturbed, 100.0, Settings(), 200)

    assert best.settings == HILL


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


def test_a_search_starts_at_the_notches_nearest_to_the_targets_own_settings():
    own = Settings(instances=9, max_batch=30, queue_delay_us=120, concurrency=2)

    assert nearest(own) == Settings(4, 32, 100, 2)


def test_a_bounded_space_is_not_left():
    space = {**SPACE, "max_batch": (1, 2, 4)}

    _, trials = climb(hill, 100.0, nearest(Settings(), space), 60, space)

    assert {trial.settings.max_batch for trial in trials} <= {1, 2, 4}
