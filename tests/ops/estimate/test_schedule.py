import pytest

from ops.estimate.schedule import Bounds, UnreadableSchedule, runs_a_month, shares, week_of

HOUR = 60
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("cron(0 22 * * ? *)", [day * DAY + 22 * HOUR for day in range(7)]),
        ("cron(30 6 ? * MON-FRI *)", [day * DAY + 6 * HOUR + 30 for day in range(1, 6)]),
        ("cron(0 6,18 ? * 1 *)", [6 * HOUR, 18 * HOUR]),
        ("cron(0/30 0 ? * SUN *)", [0, 30]),
        ("rate(12 hours)", [half * 12 * HOUR for half in range(14)]),
        ("rate(1 day)", [day * DAY for day in range(7)]),
    ],
)
def test_an_expression_fires_at_these_minutes_of_a_week(expression: str, minutes: list[int]):
    assert week_of(expression) == minutes


@pytest.mark.parametrize("expression", ["at(2026-01-01T00:00)", "cron(0 0 1 * ? *)", "cron(x)"])
def test_what_a_week_does_not_show_is_refused(expression: str):
    with pytest.raises(UnreadableSchedule):
        week_of(expression)


def test_a_word_that_is_no_weekday_is_named():
    with pytest.raises(UnreadableSchedule, match="'FUNDAY'"):
        week_of("cron(0 0 ? * FUNDAY *)")


def test_a_nightly_job_runs_thirty_times_a_month():
    assert runs_a_month("cron(0 3 * * ? *)") == pytest.approx(365 / 12)


def test_without_actions_the_usual_bounds_hold_always():
    assert shares((2, 6), {}) == [Bounds(1.0, 2, 6)]


def test_off_hours_take_their_share_of_the_week():
    found = shares((4, 12), {"cron(0 22 * * ? *)": (2, 6), "cron(0 6 * * ? *)": (4, 12)})

    assert {(item.low, item.high): item.share for item in found} == {
        (2, 6): pytest.approx(8 / 24),
        (4, 12): pytest.approx(16 / 24),
    }


def test_a_weekend_lasts_over_the_end_of_the_week():
    actions = {"cron(0 18 ? * FRI *)": (0, 1), "cron(0 6 ? * MON *)": (2, 4)}

    asleep = next(item for item in shares((2, 4), actions) if item.high == 1)

    assert asleep.share == pytest.approx((6 + 24 + 24 + 6) / 168)
