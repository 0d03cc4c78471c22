import re

import pytest

from catalog.bucket import CorruptArtifact
from catalog.gpu import TENSORRT
from catalog.plan import Plan
from model_build import key as keys
from model_build.build import Builder
from model_build.plan import make_plan, table
from model_build.sources import verified_folder
from tests.model_build.fakes import GOLDEN, FakeFactory, environment, row


@pytest.fixture
def plan_of(store, root):
    def plan(
        *rows,
        golden=GOLDEN.digest,
        environments=None,
        builders=("cpu", "inf1"),
        compilers=("cpu",),
        check=None,
    ):
        return make_plan(
            {spec.name: spec for spec in rows},
            store,
            "commit",
            environments=environments or [environment()],
            builders=builders,
            compilers=compilers,
            golden_digest=lambda name: golden,
            check_weights=check or (lambda spec, root: None),
            root=root,
        )

    return plan


@pytest.fixture
def build(store, root):
    def run(plan, *rows, factory=None):
        factory = factory or FakeFactory()
        models = {spec.name: spec for spec in rows}
        builder = Builder(models, store, factory.steps(), say=lambda line: None, root=root)
        return builder.run(plan, "cpu"), factory

    return run


def verbs(plan: Plan):
    return [(item.model, item.verb) for item in plan.items]


def test_a_model_without_an_artifact_is_to_be_built(plan_of):
    (item,) = plan_of(row()).items

    assert (item.verb, item.manifest) == ("build", None)
    assert "no artifact has this key" in item.reason
    assert item.key_inputs["model"] == "speller"


def test_after_a_build_the_same_catalog_is_all_hits(plan_of, build):
    rows = row(), row(name="other")
    outcome, _ = build(plan_of(*rows), *rows)

    again = plan_of(*rows)

    assert verbs(again) == [("other", "hit"), ("speller", "hit")]
    assert {item.model: item.manifest for item in again.items} == outcome.compiled


def test_a_changed_row_is_built_alone(plan_of, build):
    rows = row(), row(name="other")
    build(plan_of(*rows), *rows)

    changed = row(name="other", limits={"max_input_tokens": 8, "max_output_tokens": 16})

    assert verbs(plan_of(rows[0], changed)) == [("other", "build"), ("speller", "hit")]


def test_a_goal_that_the_evidence_still_reaches_stays_a_hit(plan_of, build):
    build(plan_of(row()), row())
    stricter = row(gates={"golden": "words", "metrics": {"p99_ms": {"threshold": 25}}})

    assert verbs(plan_of(stricter)) == [("speller", "hit")]


def test_a_goal_that_the_evidence_misses_is_measured_again(plan_of, build):
    build(plan_of(row()), row())
    stricter = row(gates={"golden": "words", "metrics": {"p99_ms": {"threshold": 10}}})

    (item,) = plan_of(stricter).items

    assert item.verb == "build"
    assert "p99_ms 20 is above the threshold 10" in item.reason


def test_a_metric_that_was_never_measured_is_measured(plan_of, build):
    build(plan_of(row()), row())
    more = row(gates={"golden": "words", "metrics": {"throughput": {"threshold": 1}}})

    (item,) = plan_of(more).items

    assert (item.verb, item.reason[:26]) == ("build", "throughput was not measure")


def test_a_changed_golden_set_proves_the_same_bytes_anew(plan_of, build):
    build(plan_of(row()), row())
    plan = plan_of(row(), golden="sha256:bb")
    assert "golden set 'words' has changed" in plan.items[0].reason

    factory = FakeFactory(golden=GOLDEN.__class__(**{**vars(GOLDEN), "digest": "sha256:bb"}))
    outcome, _ = build(plan, row(), factory=factory)

    assert list(outcome.compiled) == ["speller"]
    assert verbs(plan_of(row(), golden="sha256:bb")) == [("speller", "hit")]


def test_another_load_is_measured_again(plan_of, build):
    build(plan_of(row()), row())
    gates = {"golden": "words", "load": {"batch": 4}, "metrics": {"p99_ms": {"threshold": 50}}}

    (item,) = plan_of(row(gates=gates)).items

    assert (item.verb, "another load" in item.reason) == ("build", True)


def test_an_accelerator_without_a_compiler_is_refused(plan_of):
    on_gpu = row(targets=[{"accelerator": "g5", "instance": "ml.g5.xlarge"}])

    (item,) = plan_of(on_gpu, builders=["g5"]).items

    assert item.verb == "refused"
    assert item.reason == "no compiler for accelerator 'g5' (there is: cpu)"


def test_a_target_that_no_environment_serves_is_refused(plan_of):
    (item,) = plan_of(row(), environments=[environment("ml.g5.xlarge")]).items

    assert item.verb == "refused"
    assert "no environment serves 'search' on it (dev: sm_86)" in item.reason


def test_an_engine_that_nothing_loads_is_refused_with_its_tuple(plan_of):
    on_gpu = row(targets=[{"accelerator": "g5", "instance": "ml.g5.xlarge"}])

    (item,) = plan_of(on_gpu, builders=["g5"], compilers=["g5"]).items

    assert item.verb == "refused"
    assert re.search(rf"\(slipway/triton:\w+, sm_86, tensorrt {TENSORRT}\), but", item.reason)
    assert "(dev: x86-64-v4)" in item.reason


def test_a_compiler_that_is_not_installed_is_refused_in_plain_words(plan_of, monkeypatch):
    monkeypatch.setitem(keys.PACKAGES_OF_ENGINE, "ctranslate2", ("no-such-package",))

    (item,) = plan_of(row()).items

    assert (item.verb, "'no-such-package' is not installed" in item.reason) == ("refused", True)


def test_weights_that_are_not_those_of_the_row_are_refused_though_the_key_has_an_artifact(
    plan_of, build
):
    build(plan_of(row()), row())

    (item,) = plan_of(row(), check=verified_folder).items

    assert item.verb == "refused"
    assert "speller: source.weights:" in item.reason
    assert "python -m model_build.train speller" in item.reason


def test_a_corrupt_artifact_stops_the_plan(plan_of, build, store, s3):
    build(plan_of(row()), row())
    (item,) = plan_of(row()).items
    content = f"content/{store.manifest(item.manifest).archive.sha256}"
    s3.put_object(Bucket=store.bucket.name, Key=content, Body=b"other bytes")

    with pytest.raises(CorruptArtifact, match=content):
        plan_of(row())


def test_a_plan_survives_its_json_and_prints_a_line_per_target(plan_of):
    plan = plan_of(row(), row(name="other"))

    assert Plan.from_json(plan.to_json()) == plan
    assert [line.split()[0] for line in table(plan).splitlines()] == ["MODEL", "other", "speller"]


def test_a_target_that_this_tooling_does_not_build_is_left_out(plan_of):
    both = [
        {"accelerator": "cpu", "instance": "ml.c7i.xlarge"},
        {"accelerator": "g5", "instance": "ml.g5.xlarge"},
    ]

    plan = plan_of(row(targets=both), builders=("cpu",))

    assert [(item.accelerator, item.verb) for item in plan.items] == [
        ("cpu", "build"),
        ("g5", "left out"),
    ]
    assert "no builder for g5" in plan.items[1].reason
