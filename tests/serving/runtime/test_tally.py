import json

import pytest

from serving.runtime.tally import Tally, tally_of


def said_of(*, fails: bool = False) -> list[dict]:
    """Return the lines of a model that was called twice, the second time perhaps in vain."""
    lines: list[str] = []
    tally = Tally("m", "slipway-dev-ads", seconds=3600, say=lines.append)
    with tally.batch(3) as seen:
        seen.rejected = 1
    if fails:
        with pytest.raises(OSError, match="no chip"), tally.batch(2):
            raise OSError("no chip")
    tally.flush()
    tally.flush()
    return [json.loads(line) for line in lines]


def test_a_model_says_what_it_did_by_endpoint_and_name_and_nothing_twice():
    (said,) = said_of()

    (directive,) = said["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Slipway/Models"
    assert directive["Dimensions"] == [["Endpoint", "Model"]]
    assert (said["Endpoint"], said["Model"]) == ("slipway-dev-ads", "m")
    assert (said["Requests"], said["Rejected"], said["Errors"]) == (3, 1, 0)
    assert {item["Name"] for item in directive["Metrics"]} <= said.keys()
    assert said["LatencyP99"] >= said["LatencyP50"] >= 0


def test_a_call_that_raises_counts_as_errors_and_raises_on():
    (said,) = said_of(fails=True)

    assert (said["Requests"], said["Errors"]) == (5, 2)


def test_outside_an_endpoint_nothing_is_said(capsys: pytest.CaptureFixture[str]):
    tally = tally_of("m", {})
    with tally.batch(1):
        pass
    tally.flush()

    assert capsys.readouterr().out == ""
