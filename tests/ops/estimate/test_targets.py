from dataclasses import replace

import pytest

from catalog import load
from catalog.artifact import Evidence, Manifest, Measurement, Verdict
from catalog.instances import instance
from catalog.release import Release, ReleaseContext
from ops.estimate.placeholder import placeholder
from ops.estimate.targets import cheapest, targets

PRICES = load.load_prices()


def made_for(manifest: Manifest, kind: str, p99_ms: float, throughput: float) -> Manifest:
    evidence = Evidence(
        golden="pairs",
        golden_digest="0" * 64,
        machine={"cpu": "a test"},
        conditions={},
        measurements=(
            Measurement("p99_ms", p99_ms, 100),
            Measurement("throughput", throughput, 100),
        ),
        verdicts=(Verdict("p99_ms", {"threshold": 20.0}, True, "so"),),
        price={"instance": kind, "usd_per_hour": 1.0, "date": "2020-01-01"},
    )
    machine = instance(kind)
    return replace(
        manifest,
        accelerator=machine.accelerator,
        architecture=machine.architecture,
        evidence=evidence,
    )


def measured_release() -> ReleaseContext:
    """Return the embedding model for three accelerators: cheap, fast, and too slow."""
    environments = [load.load_environment("prod")]
    base = placeholder(environments).manifests["embedding"]["cpu"]
    made = [
        made_for(base, "ml.c7i.xlarge", 10, 50),
        made_for(base, "ml.g5.xlarge", 2, 2000),
        made_for(base, "ml.inf1.xlarge", 40, 5000),
    ]
    manifests = {"embedding": {item.accelerator: item for item in made}}
    digests = {"embedding": {item.accelerator: item.digest() for item in made}}
    return ReleaseContext(Release(digests, "commit"), manifests)


@pytest.fixture
def release() -> ReleaseContext:
    return measured_release()


def test_at_a_low_rate_the_smallest_machine_that_is_fast_enough_wins(release: ReleaseContext):
    best = cheapest(targets(release, PRICES, rate=10))

    assert best["embedding"].accelerator == "cpu"


def test_at_a_high_rate_the_faster_machine_wins(release: ReleaseContext):
    best = cheapest(targets(release, PRICES, rate=1000))

    assert best["embedding"].accelerator == "g5"
    assert best["embedding"].machines == 1


def test_a_target_that_misses_the_objective_never_wins(release: ReleaseContext):
    found = targets(release, PRICES, rate=1000)

    assert [item.accelerator for item in found if not item.fits] == ["inf1"]
    assert cheapest(targets(release, PRICES, rate=1000, p99_ms=1)) == {}


def test_an_objective_of_ones_own_takes_the_place_of_the_gates(release: ReleaseContext):
    best = cheapest(targets(release, PRICES, rate=1000, p99_ms=50))

    assert best["embedding"].accelerator == "inf1"


def test_costs_are_of_the_table_not_of_the_day_of_the_build(release: ReleaseContext):
    item = next(item for item in targets(release, PRICES, rate=70) if item.accelerator == "cpu")

    assert item.machines == 2
    assert item.usd == pytest.approx(2 * PRICES.usd_per_hour("ml.c7i.xlarge") * 730)
