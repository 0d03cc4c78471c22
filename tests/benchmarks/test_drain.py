"""A rolling deploy of the intent service under load."""

from pathlib import Path

import pytest

from benchmarks.drain import drill
from catalog.load import load_models
from model_build.package import package
from tests.serving import tiny


@pytest.mark.slow
def test_no_request_is_lost_when_a_service_is_replaced_under_load(tmp_path: Path):
    model = tiny.encoder(tmp_path / "m", "intent", "classification", ("play", "weather"))
    spec = load_models()["intent"]
    archive = package(spec, spec.target("cpu"), model, tmp_path)

    # At this rate each of k6's clients asks about once a second: none keeps a connection idle for
    # longer than the service drains, which is what a load balancer spares real clients.
    point, code = drill(archive, rate=100, seconds=8)

    assert (point.lost, point.refused) == (0, 0)
    assert point.answered > 80
    assert code == 0
