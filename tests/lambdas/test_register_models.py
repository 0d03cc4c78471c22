import pytest

from catalog.artifact import Evidence, Measurement
from lambdas.register_models.handler import handle
from lambdas.register_models.logic import PROPERTY_LIMIT, VALUE_LIMIT, properties


@pytest.fixture(autouse=True)
def _functions(functions):
    pass


def register(release):
    return handle({"release": release, "environment": "tooling"}, None)["message"]


def test_each_artifact_becomes_an_approved_version_once(released, platform, store):
    release = released()

    assert register(release) == "registered 4 new versions of 4 models"
    assert register(release) == "registered 0 new versions of 4 models"

    (version,) = platform.packages["slipway-speller"]
    artifact = store.release(release).models["speller"]["cpu"]
    assert version["ModelApprovalStatus"] == "Approved"
    assert version["CustomerMetadataProperties"]["artifact"] == artifact
    assert version["CustomerMetadataProperties"]["engine"] == "ctranslate2"


def test_a_changed_model_gets_a_second_version_alone(released, platform):
    register(released())

    assert register(released(speller={"content": "better"})).startswith("registered 1 new")
    assert len(platform.packages["slipway-speller"]) == 2
    assert len(platform.packages["slipway-intent"]) == 1


def test_a_versions_metadata_sums_its_evidence_up_within_the_registrys_limits(manifests):
    long = tuple(Measurement(f"metric_{n}", 0.9876543, 200, source=1.0) for n in range(60))
    evidence = Evidence("words", "sha256:aa", {}, {}, long, ())
    made, _ = manifests("speller", evidence=evidence, engine="e" * 999)

    found = properties("a" * 64, made)

    assert found["metric/metric_0"] == "0.987654 (source 1) on 200 samples"
    assert len(found) == PROPERTY_LIMIT
    assert max(map(len, found.values())) == VALUE_LIMIT
