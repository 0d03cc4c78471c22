from local.emulator.alarms.band import ENOUGH, PAST, band, parse
from local.emulator.alarms.evaluation import datapoints, state


def alarm(comparison):
    stat = {"Metric": {"MetricName": "Calls"}, "Stat": "Sum", "Period": 60}
    return {
        "ComparisonOperator": comparison,
        "EvaluationPeriods": 2,
        "ThresholdMetricId": "usual",
        "Metrics": [
            {"Id": "calls", "MetricStat": stat},
            {"Id": "usual", "Expression": "ANOMALY_DETECTION_BAND(calls, 3)"},
        ],
    }


def rings(comparison, newest, past):
    def series(_stat, _period, count):
        assert count == 2 + PAST
        return [*newest, *past][:count]

    given = alarm(comparison)
    values, _ = datapoints(given, series)
    return state(given | {"TreatMissingData": "notBreaching"}, values)[0]


def test_a_band_is_learnt_from_the_past_and_only_once_there_is_enough():
    assert parse("ANOMALY_DETECTION_BAND(calls, 3)") == ("calls", 3.0)
    assert parse("calls / 2") is None
    assert band([10.0] * (ENOUGH - 1), 3) is None
    assert band([9.0, 11.0] * ENOUGH, 3) == (7.0, 13.0)


def test_calls_outside_the_band_ring_on_the_side_that_is_watched():
    usual = [9.0, 11.0] * 10
    assert rings("LessThanLowerOrGreaterThanUpperThreshold", [0.0, 0.0], usual) == "ALARM"
    assert rings("LessThanLowerOrGreaterThanUpperThreshold", [20.0, 20.0], usual) == "ALARM"
    assert rings("GreaterThanUpperThreshold", [0.0, 0.0], usual) == "OK"
    assert rings("LessThanLowerThreshold", [10.0, 10.0], usual) == "OK"
    assert rings("LessThanLowerThreshold", [0.0, 0.0], [9.0]) == "OK"
