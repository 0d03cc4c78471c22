"""The load gate: the real service on a small model, under a generator of known capacity."""

from pathlib import Path

import pytest

from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build.gates import served
from model_build.loadtest.generator import Point
from tests.serving import tiny

CAPACITY = 400


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    rates = []

    def measure(url: str, bodies: list[str], rate: float, seconds: float) -> Point:
        assert url.startswith("http://127.0.0.1:")
        assert bodies == ['{"text": "jazz"}']
        rates.append(rate)
        return Point(rate, min(rate, CAPACITY), 0, 0, 2, 3, 5 if rate <= CAPACITY else 80, 90)

    monkeypatch.setattr(served.generator, "measure", measure)
    return rates


def test_a_service_is_loaded_at_its_rate_and_to_its_knee(asked: list[float], tmp_path: Path):
    spec = load_models()["intent"]
    model = tiny.encoder(tmp_path / "m", "intent", "classification", ("play", "weather"))

    measurements, curve = served.measure_served(spec, spec.target("cpu"), model, ["jazz"])

    found = {item.metric: item.value for item in measurements}
    assert (found["served_p50_ms"], found["served_p99_ms"]) == (2, 5)
    assert CAPACITY / served.NARROW <= found["served_throughput"] <= CAPACITY
    assert asked[:2] == [spec.gates.load.rate] * 2
    assert curve["limit_ms"] == spec.gates.metrics["served_p99_ms"].threshold
    offered = [point[0] for point in curve["points"]]
    assert offered == sorted(offered)
    assert offered[-1] > CAPACITY


def test_a_rate_is_refused_where_there_is_no_service():
    row = load_models()["embedding"].model_dump(mode="json")
    row["gates"]["load"]["rate"] = 10

    with pytest.raises(ValueError, match=r"gates\.load\.rate is for models served as a service"):
        ModelSpec.model_validate(row)
