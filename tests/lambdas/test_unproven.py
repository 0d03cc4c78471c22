"""Artifacts that were compiled without their chip, on their way through the environments."""

from dataclasses import replace

import pytest

from catalog import chip
from catalog.artifact import Evidence, Measurement, Verdict
from catalog.bucket import Bucket
from catalog.envelope import BadSignature, seal
from catalog.release import ReleaseContext
from catalog.signature import kms_sign
from lambdas.common.documents import chip_evidence, read_release
from lambdas.promote_release.handler import handle

PASSED = Verdict("label_agreement", {"threshold": 0.99}, True, "1.0 is at least 0.99")
TWIN = Evidence(
    "ad-texts", "sha256:aa", {}, {"twin": "on this CPU", "pending": ["p99_ms"]}, (), (PASSED,)
)
P99 = Verdict("p99_ms", {"threshold": 50.0}, True, "8 is at most 50")
SHOWN = replace(TWIN, conditions={}, verdicts=(PASSED, P99))


@pytest.fixture
def release(released):
    changes = {
        "evidence": TWIN,
        "accelerator": "inf1",
        "runtime_image": "slipway/torchserve-inf1:aaaabbbbccccdddd",
    }
    return released("moderation", "intent", moderation=changes)


@pytest.fixture
def show(store, cloud, signing_key, functions):
    """Keeps evidence of the release's one Inf1 artifact, as the gate on the chip does."""

    def keep(release, evidence, envelope=None):
        artifact = store.release(release).models["moderation"]["inf1"]
        sign = kms_sign(cloud.client("kms"), signing_key)
        document = chip.document(artifact, evidence)
        envelope = envelope or seal(document, chip.CHIP_EVIDENCE_TYPE, sign)
        store.bucket.put_once(chip.evidence_key(artifact), envelope)
        return artifact

    return keep


def promote(release):
    return handle({"release": release, "environment": "dev"}, None)


def test_what_no_chip_has_shown_is_refused_with_model_metrics_and_remedy(
    release, functions, s3, buckets
):
    with pytest.raises(Exception, match="no chip has shown") as refused:
        promote(release)

    said = str(refused.value)
    assert "moderation for inf1: label_agreement, p99_ms (artifact " in said
    assert "python -m model_build onchip --release" in said
    assert "intent" not in said
    assert Bucket(buckets[1], s3).keys("") == []


def test_an_environment_that_takes_the_unproven_takes_it(release, functions, monkeypatch):
    monkeypatch.setenv("SLIPWAY_UNPROVEN", "true")

    assert promote(release)["status"] == "succeeded"


def test_what_a_chip_has_shown_is_promoted_and_its_evidence_travels_along(
    release, show, s3, buckets
):
    artifact = show(release, SHOWN)

    assert promote(release)["status"] == "succeeded"
    assert Bucket(buckets[1], s3).keys("evidence/") == [chip.evidence_key(artifact)]


def test_a_chip_that_was_too_slow_proves_nothing(release, show):
    failed = replace(P99, passed=False)
    show(release, replace(SHOWN, verdicts=(PASSED, failed)))

    with pytest.raises(Exception, match=r"moderation for inf1: p99_ms \(artifact"):
        promote(release)


def test_evidence_that_nobody_of_ours_signed_is_not_believed(release, show):
    envelope = seal(
        chip.document("a" * 64, SHOWN), chip.CHIP_EVIDENCE_TYPE, lambda _: ("key", b"signature")
    )
    show(release, SHOWN, envelope)

    with pytest.raises(BadSignature):
        promote(release)


def test_what_a_chip_has_shown_is_what_stacks_scale_by(release, show, store):
    measured = replace(SHOWN, measurements=(Measurement("throughput", 900.0, 200),))
    artifact = show(release, measured)
    found = read_release(store.bucket, release, store._verify)
    shown = chip_evidence(store.bucket, found.all, store._verify)

    context = ReleaseContext.from_json(replace(found, chip=shown).to_json())

    (manifest,) = context.served_on("endpoint", "ads")
    assert manifest.digest() == artifact
    assert context.shown(manifest).evidence.measurement("throughput").value == 900.0
