import pytest

from local.emulator.alarms.evaluation import datapoints, state
from local.emulator.alarms.expression import UnsupportedExpression
from local.emulator.alarms.over_time import evaluate_all

SIX_HOURS = 21600


@pytest.mark.parametrize(
    ("expression", "values", "result"),
    [
        ("RATE(m)", [100.0, 160.0, 130.0], [None, 1.0, -0.5]),
        ("RATE(m)", [100.0, None, 220.0], [None, None, 1.0]),  # two periods lie between
        ("RATE(m)", [None, 5.0, 5.0], [None, None, 0.0]),
        ("DIFF(m)", [1.0, 4.0, 2.0], [None, 3.0, -2.0]),
        ("RATE(m) * PERIOD(m) + m", [1.0, 4.0, 2.0], [None, 7.0, 0.0]),
        ("RATE(m * 60)", [1.0, 4.0, 2.0], [None, 3.0, -2.0]),
        ("RATE(RATE(m)) * 3600", [0.0, 60.0, 240.0], [None, None, 120.0]),
        ("FILL(RATE(m), 0)", [7.0, 7.0], [0.0, 0.0]),
    ],
)
def test_a_rate_is_the_change_since_the_value_before_by_the_second(expression, values, result):
    assert evaluate_all(expression, {"m": values}, count=len(values), period_s=60) == result


def test_a_rate_of_what_is_not_there_is_an_error():
    with pytest.raises(UnsupportedExpression, match="no such id"):
        evaluate_all("RATE(other)", {"m": [1.0]}, count=1, period_s=60)


def alarm_on_cost(limit):
    metric = {"Namespace": "AWS/Billing", "MetricName": "EstimatedCharges"}
    stat = {"Metric": metric, "Stat": "Maximum", "Period": SIX_HOURS}
    return {
        "Threshold": limit,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "TreatMissingData": "notBreaching",
        "Metrics": [
            {"Id": "day", "Expression": "RATE(due) * 86400", "ReturnData": True},
            {"Id": "due", "ReturnData": False, "MetricStat": stat},
        ],
    }


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ([400.0, 390.0, 380.0], "OK"),  # newest first: 40 a day
        ([500.0, 450.0, 400.0], "ALARM"),  # 200 a day
        ([500.0, 450.0, None, 350.0], "ALARM"),  # what is older is looked for
        ([12.0, 4000.0, 3990.0], "OK"),  # a month begins: the fall is none
        ([500.0, None, None, None], "OK"),
    ],
)
def test_an_alarm_on_a_rate_sees_what_was_before_its_periods(due, words):
    def series(_stat, period, count):
        assert period == SIX_HOURS
        return [*due, *[None] * count][:count]

    alarm = alarm_on_cost(100)
    values, period = datapoints(alarm, series)
    found = state(alarm, values)

    assert (len(values), period) == (2, SIX_HOURS)
    assert found is not None
    assert found[0] == words
