import json
from datetime import UTC, datetime, timedelta

import pytest

from ops import browser
from ops.alarms.alarm import alarms_of
from ops.dashboard.body import widgets
from ops.dashboard.data import fill
from ops.dashboard.page import html_of, render
from tests.ops.alarms.test_alarm import metric

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
START = NOW - timedelta(hours=1)
ARN = "arn:aws:cloudwatch:us-east-1:1:alarm:slipway-prod-search-slow"
CALLS = ["AWS/SageMaker", "Invocations", "EndpointName", "search", "VariantName", "main"]
BODY = json.dumps(
    {
        "widgets": [
            {"type": "alarm", "x": 12, "y": 2, "width": 12, "properties": {"alarms": [ARN]}},
            {"type": "text", "width": 24, "properties": {"markdown": "# Prod\nRead `this` <b>"}},
            {
                "type": "metric",
                "y": 2,
                "width": 12,
                "properties": {
                    "title": "Calls",
                    "period": 300,
                    "stat": "Sum",
                    "metrics": [
                        [*CALLS, {"id": "calls", "visible": False}],
                        [".", "ModelLatency", ".", ".", ".", ".", {"stat": "p99"}],
                        [{"expression": "calls / 2", "label": "half"}],
                    ],
                    "annotations": {"horizontal": [{"value": 3, "label": "limit"}]},
                },
            },
        ]
    }
)


class FakeCloudWatch:
    def get_metric_data(self, MetricDataQueries, StartTime, EndTime):  # noqa: N803 (boto3's)
        assert (StartTime, EndTime) == (START, NOW)
        moments = [NOW - timedelta(minutes=5 * n) for n in range(3)]
        results = [
            {"Id": query["Id"], "Label": query["Label"], "Timestamps": moments, "Values": [1, 4, 2]}
            for query in MetricDataQueries
        ]
        return {"MetricDataResults": results}


@pytest.fixture(scope="module")
def page():
    alarms = alarms_of([metric(state="ALARM"), metric("slipway-prod-ads-slow")])
    shown = fill(FakeCloudWatch(), widgets(BODY), alarms, 1, NOW)
    return render("slipway-prod", shown, alarms, START, NOW)


def test_widgets_stand_where_the_dashboard_has_them_and_shorthand_is_spelt_out():
    text, plot, alarm = widgets(BODY)

    assert [item.kind for item in (text, plot, alarm)] == ["text", "metric", "alarm"]
    calls, latency, half = plot.queries
    assert calls["MetricStat"]["Stat"] == "Sum"
    assert not calls["ReturnData"]
    assert latency["MetricStat"]["Metric"] == {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Dimensions": calls["MetricStat"]["Metric"]["Dimensions"],
    }
    assert latency["MetricStat"]["Stat"] == "p99"
    assert (half["Expression"], half["Period"]) == ("calls / 2", 300)
    assert alarm.alarms == ("slipway-prod-search-slow",)


def test_the_page_shows_what_rings_the_visible_lines_and_their_limit(page):
    assert "1 of 2 alarms ring" in page
    assert "docs/runbooks/endpoint.md#slow" in page
    assert ">half<" in page
    assert ">ModelLatency search main<" in page
    assert ">Invocations search main<" not in page
    assert "limit" in page
    assert "src=" not in page
    assert "&lt;b&gt;" in page, "a dashboard's text is not HTML"


def test_the_texts_tables_and_lists_are_html():
    made = html_of("## Now\n- a **b**\n- c\n\n| x | y |\n|---|---|\n| `1` | [z](https://z) |")

    assert made == (
        "<h3>Now</h3>\n<ul><li>a <b>b</b></li><li>c</li></ul>\n"
        "<table><tr><td>x</td><td>y</td></tr><tr><td><code>1</code></td><td>z</td></tr></table>"
    )


def test_the_page_opens_in_a_browser_with_its_plot_drawn(page, tmp_path):
    if browser.find() is None:
        pytest.skip("no Chromium: install it (Debian, Ubuntu: apt-get install chromium)")
    file = tmp_path / "dashboard.html"
    file.write_text(page)

    assert browser.opened(file).count("<figure><svg") == 1
