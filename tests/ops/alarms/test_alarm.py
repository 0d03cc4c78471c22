from datetime import UTC, datetime

from ops.alarms.alarm import alarms_of
from ops.alarms.words import condition, in_unit

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:1:slipway-prod-"


def metric(name="slipway-prod-search-slow", state="OK", actions=(), **more):
    return {
        "AlarmName": name,
        "AlarmDescription": "search: p99 is above 250 ms. docs/runbooks/endpoint.md#slow",
        "StateValue": state,
        "StateUpdatedTimestamp": NOW,
        "StateReason": "so",
        "AlarmActions": list(actions),
        "MetricName": "ModelLatency",
        "ExtendedStatistic": "p99",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 250_000.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    } | more


def composite(name, rule, actions=()):
    return {
        "AlarmName": name,
        "AlarmRule": rule,
        "StateValue": "OK",
        "StateUpdatedTimestamp": NOW,
        "AlarmActions": list(actions),
    }


def test_a_part_of_what_pages_pages_however_deep_it_lies():
    rule = 'ALARM("slipway-prod-search-page") OR ALARM("slipway-prod-ads-page")'
    arn = "arn:aws:cloudwatch:us-east-1:1:alarm:slipway-prod-search-slow"
    found = alarms_of(
        [
            metric(actions=[TOPIC + "inform"]),
            metric("slipway-prod-search-disk", actions=[TOPIC + "inform"]),
            composite("slipway-prod-search-page", f"ALARM({arn})"),
            composite("slipway-prod-page", rule, [TOPIC + "page"]),
        ]
    )

    assert {alarm.name: alarm.severity for alarm in found} == {
        "slipway-prod-page": "page",
        "slipway-prod-search-page": "page",
        "slipway-prod-search-slow": "page",
        "slipway-prod-search-disk": "inform",
    }


def test_what_nobody_hears_of_guards_a_rollout_or_scales():
    scaling = ["arn:aws:autoscaling:us-east-1:1:scalingPolicy:x"]
    found = alarms_of([metric("a-guard"), metric("a-scaling", actions=scaling)])

    assert [alarm.severity for alarm in found] == ["guard", "scaling"]


def test_those_that_ring_come_first_with_their_runbook_apart_from_the_sentence():
    first, second = alarms_of([metric("a"), metric("b", state="ALARM")])

    assert (first.name, first.state, first.since) == ("b", "ALARM", NOW)
    assert (first.summary, first.runbook) == ("search: p99 is above 250 ms.", "endpoint.md#slow")
    assert second.to_json()["since"] == "2026-11-22T03:00:00Z"


def test_an_expression_is_said_with_the_names_of_its_metrics():
    def query(name, what, statistic):
        stat = {"Metric": {"MetricName": what}, "Stat": statistic, "Period": 60}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    queries = [
        query("samples", "Invocations", "Sum"),
        query("value", "Invocation5XXErrors", "Average"),
        {"Id": "e", "Expression": "IF(samples >= 5, value, 0)"},
    ]
    alarm = metric(Metrics=queries, Threshold=0.01)
    del alarm["MetricName"]

    assert condition(alarm) == (
        "Invocation5XXErrors Average where Invocations Sum >= 5 above 0.01,"
        " 2 of 2 times 1 minute; silence is well"
    )


def test_microseconds_are_read_as_milliseconds():
    assert in_unit(metric(), 584_602) == "584.6 ms"
