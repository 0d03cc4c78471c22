import pytest

from local.emulator.alarms.evaluation import datapoints, state

ALARM = {
    "Threshold": 10,
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
}


@pytest.mark.parametrize(
    ("missing", "values", "expected"),
    [
        ("missing", [11, 12, 1], "ALARM"),
        ("missing", [11, 1, 1], "OK"),
        ("missing", [None, None, None], "INSUFFICIENT_DATA"),
        ("notBreaching", [None, None, None], "OK"),
        ("breaching", [None, None, 1], "ALARM"),
        ("breaching", [11, None, 1], "ALARM"),
        ("notBreaching", [11, None, 1], "OK"),
    ],
)
def test_m_of_n_periods_ring_and_silence_counts_as_the_alarm_says(missing, values, expected):
    found = state({**ALARM, "TreatMissingData": missing}, values)

    assert found is not None
    assert found[0] == expected


def test_an_alarm_that_ignores_silence_keeps_its_state():
    assert state({**ALARM, "TreatMissingData": "ignore"}, [None, None, None]) is None


def test_the_expression_that_returns_data_is_what_is_watched():
    def series(stat, period, count):
        assert (period, count) == (60, 2)
        return {"Errors": [5.0, 0.0], "Calls": [50.0, None]}[stat["Metric"]["MetricName"]]

    def metric(name):
        return {"MetricStat": {"Metric": {"MetricName": name}, "Stat": "Sum", "Period": 60}}

    alarm = {
        "EvaluationPeriods": 2,
        "Metrics": [
            {"Id": "rate", "Expression": "100*errors/MAX([calls,1])", "ReturnData": True},
            {"Id": "errors", "ReturnData": False, **metric("Errors")},
            {"Id": "calls", "ReturnData": False, **metric("Calls")},
        ],
    }

    assert datapoints(alarm, series) == ([10.0, 0.0], 60)
