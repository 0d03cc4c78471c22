from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import digest, envelope
from catalog.artifact import Evidence, Example, FileEntry, Manifest, Measurement, Verdict
from catalog.goals import Goal, judge
from catalog.release import Release, ReleaseContext
from catalog.schema import main as schema_main

EVIDENCE = Evidence(
    golden="g",
    golden_digest="sha256:1",
    machine={"cpu": "x", "cores": 2},
    conditions={"threads": 1},
    measurements=(Measurement("accuracy", 0.9, 100, source=0.91, low=0.85, high=0.94),),
    verdicts=(Verdict("accuracy", {"max_degradation": 0.02}, True, "fine"),),
)
MANIFEST = Manifest(
    model="intent",
    task="classification",
    family="minilm-intent",
    accelerator="cpu",
    architecture="x86-64-v4",
    precision="int8",
    engine="onnxruntime",
    key="0" * 64,
    key_inputs={"a": 1},
    toolchain={"onnxruntime": "1"},
    runtime_image="slipway/intent:0123456789abcdef",
    serve={"kind": "service", "name": "intent"},
    archive=FileEntry("intent.tar.gz", "1" * 64, 10),
    files=(FileEntry("model.json", "2" * 64, 5),),
    evidence=EVIDENCE,
    examples=(Example("hello", "greeting"),),
    provenance={"commit": "abc"},
)


def fake_sign(message: bytes) -> tuple[str, bytes]:
    return "key", digest.of_bytes(b"secret" + message).encode()


def fake_verify(key: str, message: bytes, signature: bytes) -> bool:
    return fake_sign(message) == (key, signature)


def test_a_manifest_survives_the_round_trip():
    assert Manifest.from_json(MANIFEST.to_json()) == MANIFEST
    assert MANIFEST.runtime == "intent"


def test_a_release_context_with_a_foreign_manifest_is_refused():
    release = Release({"intent": {"cpu": MANIFEST.digest()}}, "abc")
    context = ReleaseContext(release, {"intent": {"cpu": MANIFEST}})
    assert ReleaseContext.from_json(context.to_json()) == context

    forged = replace(context, manifests={"intent": {"cpu": replace(MANIFEST, precision="fp32")}})

    with pytest.raises(ValueError, match="manifests do not fit"):
        ReleaseContext.from_json(forged.to_json())


def test_evidence_without_a_verdict_has_proven_nothing():
    assert EVIDENCE.passed
    assert not replace(EVIDENCE, verdicts=()).passed


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_an_envelope_opens_to_what_was_sealed(document):
    sealed = envelope.seal(document, envelope.RELEASE_TYPE, fake_sign)

    assert envelope.open_envelope(sealed, envelope.RELEASE_TYPE, fake_verify) == document


@given(st.data())
def test_an_envelope_with_any_changed_byte_never_opens_to_another_document(data):
    sealed = envelope.seal({"a": 1}, envelope.RELEASE_TYPE, fake_sign)
    place = data.draw(st.integers(0, len(sealed) - 1))
    mutated = bytearray(sealed)
    mutated[place] ^= data.draw(st.integers(1, 255))

    try:
        opened = envelope.open_envelope(bytes(mutated), envelope.RELEASE_TYPE, fake_verify)
    except envelope.BadSignature:
        return
    assert opened == {"a": 1}


def test_an_envelope_of_another_type_is_refused():
    sealed = envelope.seal({}, envelope.MANIFEST_TYPE, fake_sign)

    with pytest.raises(envelope.BadSignature, match="payloadType"):
        envelope.open_envelope(sealed, envelope.RELEASE_TYPE, fake_verify)


@pytest.mark.parametrize(
    ("goal", "value", "source", "passed"),
    [
        (Goal(threshold=0.9), 0.9, None, True),
        (Goal(threshold=0.9), 0.89, None, False),
        (Goal(max_degradation=0.01), 0.9, 0.91, True),
        (Goal(max_degradation=0.01), 0.9, 0.92, False),
        (Goal(percent_max_degradation=5), 0.95, 1.0, True),
        (Goal(percent_max_degradation=5), 0.94, 1.0, False),
        (Goal(min_improvement=0.1), 1.0, 0.8, True),
        (Goal(min_improvement=0.3), 1.0, 0.8, False),
    ],
)
def test_goals_judge_a_metric_where_higher_is_better(goal, value, source, passed):
    assert judge(goal, Measurement("accuracy", value, 10, source=source)).passed is passed


def test_a_latency_over_its_threshold_fails_with_a_reason():
    verdict = judge(Goal(threshold=50), Measurement("p99_ms", 60.0, 10))

    assert not verdict.passed
    assert verdict.reason == "60 is above the threshold 50"


def test_a_comparison_without_a_source_value_is_an_error():
    with pytest.raises(ValueError, match="need a source value"):
        judge(Goal(max_degradation=0.1), Measurement("accuracy", 0.9, 10))


def test_a_tree_digest_follows_names_and_bytes_and_nothing_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    before = digest.of_tree(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("noise")
    assert digest.of_tree(tmp_path) == before

    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")

    assert digest.of_tree(tmp_path) != before


def test_the_schemas_for_editors_are_those_of_the_types():
    assert schema_main(["--check"]) == 0
