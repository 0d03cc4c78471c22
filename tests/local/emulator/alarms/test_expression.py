import pytest

from local.emulator.alarms.expression import UnsupportedExpression, evaluate


@pytest.mark.parametrize(
    ("expression", "values", "result"),
    [
        ("100*e/MAX([n,1])", {"e": 2.0, "n": 8.0}, 25.0),
        ("100*e/MAX([n,1])", {"e": 2.0, "n": None}, 200.0),
        ("e/n", {"e": 1.0, "n": 0.0}, None),
        ("e/n", {"e": None, "n": 2.0}, None),
        ("FILL(e,0)+1", {"e": None}, 1.0),
        ("IF(n > 10 AND e > 1, e, 0)", {"e": 3.0, "n": 11.0}, 3.0),
        ("IF(n > 10, e, 0)", {"e": 3.0, "n": 2.0}, 0.0),
        ("-ABS(e)", {"e": -2.0}, -2.0),
        ("AVG([e, n])", {"e": 1.0, "n": 3.0}, 2.0),
    ],
)
def test_metric_math_is_computed_for_a_period(expression, values, result):
    assert evaluate(expression, values) == result


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(e)", "e +", "e[0]", "other"])
def test_what_cannot_be_computed_is_an_error(expression):
    with pytest.raises(UnsupportedExpression):
        evaluate(expression, {"e": 1.0})
