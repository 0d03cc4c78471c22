"""Both rows of a parent through the real build: one archive, an artifact and gates for each."""

from dataclasses import replace

import pytest

from catalog import digest
from catalog.artifact import FileEntry
from catalog.load import ROOT, load_environment, load_models
from model_build import baseline, golden
from model_build.build import Builder
from model_build.gates import questions, speed
from model_build.key import proof_of
from model_build.plan import make_plan
from model_build.release import IncompleteRelease, compose
from model_build.steps import real_steps

ROWS = {
    name: spec.beside(
        tuple(part.model_copy(update={"targets": part.targets[:1]}) for part in spec.parts)
    ).model_copy(update={"targets": spec.targets[:1]})
    for name, spec in load_models(ROOT.parent / "examples" / "aws").items()
}


def digest_of(name):
    return golden.load(name).digest


def test_each_part_has_gates_of_its_own_and_a_release_takes_one_archive_of_both(
    store, monkeypatch, tmp_path
):
    monkeypatch.setattr(speed, "COMPARE_SECONDS", 0.1)
    monkeypatch.setattr(questions, "LIMIT", 60)
    monkeypatch.setattr(baseline, "MOST", 40)
    plan = make_plan(
        ROWS,
        store,
        "commit-1",
        environments=[load_environment("dev")],
        builders=["cpu"],
        compilers=["cpu"],
        golden_digest=digest_of,
    )
    said = []

    outcome = Builder(ROWS, store, real_steps(), say=said.append).run(plan, "cpu")

    assert outcome.compiled.keys() == ROWS.keys(), said
    manifests = {name: store.manifest(artifact) for name, artifact in outcome.compiled.items()}
    text, image = manifests["moderation-text"], manifests["moderation-image"]
    assert text.archive == image.archive
    assert text.archive.path == "moderation.mar"
    assert {file.path for file in text.files} == {
        *("model.onnx", "parent.json", "moderation-image/model.json"),
        *("moderation-text/model.json", "moderation-text/tokenizer.json"),
    }
    for name, made in manifests.items():
        assert made.parent == "moderation"
        judged = {verdict.metric for verdict in made.evidence.verdicts}
        assert judged == {"finite", *ROWS[name].gates.metrics}
        assert len(made.examples[0].output) == len(ROWS[name].labels)
    assert text.baseline != image.baseline
    assert compose(plan, ROWS, store, digest_of).models.keys() == ROWS.keys()

    replace_archive(text, store, tmp_path / "moderation.mar")

    with pytest.raises(IncompleteRelease) as caught:
        compose(plan, ROWS, store, digest_of)
    assert str(caught.value).startswith(
        "moderation-image and moderation-text for cpu were compiled apart, and moderation.mar holds"
        " both: to build both anew, delete what lies below s3://"
    )


def replace_archive(made, store, other):
    """Build one row again, into other bytes."""
    for place in store.bucket.keys(f"actions/{made.key}/"):
        store.bucket.s3.delete_object(Bucket=store.bucket.name, Key=place)
    other.write_bytes(b"compiled on another day")
    entry = FileEntry(other.name, digest.of_file(other), other.stat().st_size)
    spec = ROWS[made.model]
    proof = proof_of(spec, digest_of(spec.gates.golden))
    store.publish(replace(made, archive=entry, baseline=()), other, proof)
