import json
from dataclasses import replace

import pytest

from model_build.build import Builder
from model_build.plan import make_plan
from model_build.release import IncompleteRelease, compose
from tests.model_build.fakes import GOLDEN, FakeFactory, environment, row

ROWS = {name: row(name=name) for name in ("ads", "bart", "crepe")}


def digest_of(name):
    return GOLDEN.digest


@pytest.fixture
def plan(store, root):
    return make_plan(
        ROWS,
        store,
        "commit-1",
        environments=[environment()],
        builders=["cpu"],
        compilers=["cpu"],
        golden_digest=digest_of,
        check_weights=lambda spec, root: None,
        root=root,
    )


@pytest.fixture
def run(store, plan, root):
    said = []

    def run(factory, only=None):
        builder = Builder(ROWS, store, factory.steps(), {"build": "b-1"}, said.append, root)
        outcome = builder.run(plan, "cpu", only)
        return outcome, said

    return run


def test_every_miss_is_compiled_once_and_published(run, store, plan):
    factory = FakeFactory()

    outcome, _ = run(factory)

    assert factory.compiled == ["ads", "bart", "crepe"]
    assert outcome.summary() == "compiled 3, reused 0, stopped 0"
    manifest = store.manifest(outcome.compiled["ads"])
    assert manifest.archive.path == "ads.tar.gz"
    assert manifest.provenance == {"commit": "commit-1", "build": "b-1"}
    assert [file.path for file in manifest.files] == ["model.json"]
    assert manifest.evidence.passed
    assert manifest.evidence.alternatives == ({"engine": "onnxruntime"},)
    assert manifest.examples[0].output == "hello"
    assert manifest.key == plan.items[0].key
    (baseline,) = manifest.baseline
    assert baseline.path == "baseline/statistics.json"
    assert store.bucket.read_content(baseline.sha256) == b"words ads"


def test_a_failed_gate_leaves_no_artifact_but_its_evidence_and_the_others_are_built(
    run, store, plan
):
    outcome, said = run(FakeFactory(inaccurate={"bart"}))

    assert outcome.summary() == "compiled 2, reused 0, stopped 1"
    assert "exact_match: 0.5 is 0.4 worse than the source's 0.9" in outcome.gated["bart"]
    bart = plan.items[1]
    assert store.find(bart.key) == []
    (rejection,) = store.bucket.keys(f"rejections/{bart.key}/")
    kept = json.loads(store.bucket.get(rejection))
    assert kept["evidence"]["measurements"][0]["value"] == 0.5
    assert any("gate failed: bart: exact_match" in text and "halo" in text for text in said)


def test_a_gate_that_failed_on_a_busy_machine_says_so(run):
    quiet, _ = run(FakeFactory(inaccurate={"bart"}))
    busy, _ = run(FakeFactory(inaccurate={"bart"}, load=9.8))

    assert "busy" not in quiet.gated["bart"]
    assert "load 9.8 on 2 cores): build again when it is not" in busy.gated["bart"]


def test_a_compiler_that_crashes_is_a_failure_and_not_a_cached_success(run, store, plan):
    outcome, _ = run(FakeFactory(broken={"ads"}))

    assert outcome.failed == {"ads": "RuntimeError: the compiler crashed"}
    assert sorted(outcome.compiled) == ["bart", "crepe"]
    assert store.find(plan.items[0].key) == []


def test_an_expected_failure_is_told_in_a_line_without_a_trace(run, store, root):
    class NoSuchPrecision(Exception):
        pass

    factory = FakeFactory(broken={"ads"}, crash=NoSuchPrecision(f"{root}/row.yaml: use int8"))
    factory.expected = (NoSuchPrecision,)

    outcome, said = run(factory)

    assert outcome.failed == {"ads": "row.yaml: use int8"}
    assert not any("Traceback" in line for line in said)


def test_a_rerun_of_the_same_plan_builds_only_what_is_missing(run):
    run(FakeFactory(inaccurate={"bart"}))
    factory = FakeFactory()

    outcome, _ = run(factory)

    assert factory.compiled == ["bart"]
    assert outcome.summary() == "compiled 1, reused 2, stopped 0"


@pytest.mark.parametrize("step", ["compile", "gate", "package", "publish"])
def test_a_build_that_is_killed_leaves_no_half_artifact_and_a_rerun_finishes(
    run, store, plan, monkeypatch, step
):
    class Killed(BaseException):
        pass

    def killed(*_arguments, **_keywords):
        raise Killed

    factory = FakeFactory()
    with monkeypatch.context() as patched:
        if step == "publish":
            patched.setattr("catalog.bucket.Bucket.put_once", killed)
        else:
            patched.setattr(factory, f"_{step}", killed)
        with pytest.raises(Killed):
            run(factory)

    assert [store.find(item.key) for item in plan.items] == [[], [], []]
    outcome, _ = run(FakeFactory())
    assert outcome.summary() == "compiled 3, reused 0, stopped 0"


def test_one_model_can_be_built_alone(run):
    factory = FakeFactory()

    outcome, _ = run(factory, only="crepe")

    assert factory.compiled == ["crepe"]
    assert outcome.summary() == "compiled 1, reused 0, stopped 0"


def test_a_plan_from_other_sources_is_not_followed(store, plan, root):
    changed = {**ROWS, "ads": row(name="ads", limits={"max_output_tokens": 4})}
    builder = Builder(changed, store, FakeFactory().steps(), say=lambda line: None, root=root)

    outcome = builder.run(plan, "cpu", "ads")

    assert "make a new one" in outcome.failed["ads"]


def test_a_release_lists_every_models_artifact_and_is_the_same_when_made_again(run, store, plan):
    outcome, _ = run(FakeFactory())

    first = compose(plan, ROWS, store, digest_of)
    second = compose(plan, ROWS, store, digest_of)

    assert {name: made["cpu"] for name, made in first.models.items()} == outcome.compiled
    assert first.created_from_commit == "commit-1"
    assert store.put_release(first) == store.put_release(second)
    assert store.release(first.digest()) == first


def test_nothing_is_released_while_a_model_has_no_artifact(run, store, plan):
    run(FakeFactory(inaccurate={"bart"}))

    with pytest.raises(IncompleteRelease, match="bart for cpu has no artifact"):
        compose(plan, ROWS, store, digest_of)
    assert store.bucket.keys("releases/") == []


def test_a_release_holds_an_artifact_for_each_target_that_is_built(run, store, plan):
    run(FakeFactory())
    other = replace(plan.items[0], accelerator="g5", verb="left out", key="")

    release = compose(replace(plan, items=(other, *plan.items)), ROWS, store, digest_of)

    assert {name: list(made) for name, made in release.models.items()} == {
        name: ["cpu"] for name in ROWS
    }


def test_a_model_that_is_built_for_no_target_is_not_released(store, plan):
    items = tuple(replace(item, verb="left out", key="") for item in plan.items)

    with pytest.raises(IncompleteRelease, match="ads is built for none of its targets"):
        compose(replace(plan, items=items), ROWS, store, digest_of)
