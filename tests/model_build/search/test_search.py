"""A build whose row asks for a search, with the real Triton on this machine."""

import io
import tarfile

import pytest

from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build.build import Builder
from model_build.key import compile_key
from model_build.package import package
from model_build.plan import make_plan
from model_build.search import run as searching
from model_build.search.climb import Settings
from tests.model_build.fakes import FakeCompiled, FakeFactory, environment
from tests.serving import tiny


def embedding(trials: int) -> ModelSpec:
    row = load_models()["embedding"].model_dump(mode="json", exclude_none=True)
    (target,) = (item for item in row["targets"] if item["accelerator"] == "cpu")
    target["options"]["search"] = {"p99_ms": 10_000, "trials": trials, "seconds": 0.9}
    row["targets"] = [target]
    # the gates of this test's steps are the fakes'
    row["gates"]["metrics"] = {"p99_ms": {"threshold": 50}}
    return ModelSpec.model_validate(row)


class Factory(FakeFactory):
    """Compiles a tiny encoder, packages it as the pipeline does."""

    def _compile(self, spec, target, source, workdir):
        return FakeCompiled(tiny.encoder(workdir, spec.name, spec.task))

    def _package(self, spec, target, directory, out):
        return package(spec, target, directory, out)


@pytest.fixture
def build(store, root):
    spec = embedding(trials=2)
    models = {spec.name: spec}
    plan = make_plan(
        models, store, "commit-1", environments=[environment()], builders=["cpu"],
        compilers=["cpu"], golden_digest=lambda name: "sha256:aa", check_weights=lambda *_: None,
        root=root,
    )  # fmt: skip

    def build(factory):
        said = []
        builder = Builder(models, store, factory.steps(), {}, said.append, root)
        return builder.run(plan, "cpu"), said

    return build


@pytest.mark.parametrize("by", ["clients of our own", "perf_analyzer"])
def test_the_winner_is_packaged_and_lies_in_the_manifest_with_its_curve(
    build, store, monkeypatch, by
):
    monkeypatch.setattr(searching.curve, "recorded", lambda *_: None)
    if by == searching.OWN:
        monkeypatch.setattr(searching.analyzer, "find", lambda: None)

    outcome, said = build(Factory(search=searching.search))

    assert outcome.summary() == "compiled 1, reused 0, stopped 0", said
    manifest = store.manifest(outcome.compiled["embedding"])
    curve = manifest.evidence.conditions["search"]
    assert curve["by"] == by
    assert len(curve["trials"]) == 2
    assert all(trial["throughput"] > 0 for trial in curve["trials"])
    assert curve["winner"] in curve["trials"]
    assert [v.metric for v in manifest.evidence.verdicts[-2:]] == [
        "search_p99_ms",
        "search_throughput",
    ]
    content = store.bucket.read_content(manifest.archive.sha256)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        config = archive.extractfile("embedding--model/config.pbtxt").read().decode()
    assert f"max_batch_size: {curve['winner']['max_batch']}\n" in config
    assert f"count: {curve['winner']['instances']}\n" in config


def test_a_winner_that_regressed_is_no_artifact(build, monkeypatch):
    recorded = {"winner": {"throughput": 1e9}, "machine": None, "by": searching.OWN}
    monkeypatch.setattr(searching.curve, "recorded", lambda *_: recorded)
    monkeypatch.setattr(searching, "machine", lambda: None)
    monkeypatch.setattr(searching.analyzer, "find", lambda: None)
    monkeypatch.setattr(searching, "climb", one_slow_trial)

    outcome, said = build(Factory(search=searching.search))

    assert "search_throughput: throughput fell to 5.0 a second" in outcome.gated["embedding"], said
    assert not outcome.compiled


def one_slow_trial(measure, objective, start, most, space):
    trial = searching.Trial(Settings(), 5.0, 1.0, 2.0)
    return trial, [trial]


def test_a_search_is_part_of_the_key_and_its_code_only_where_it_is_asked_for(root):
    spec = embedding(trials=2)
    plain = spec.target("cpu")
    plain = plain.model_copy(update={"options": plain.options.model_copy(update={"search": None})})

    keys = [compile_key(spec, target, root) for target in (spec.target("cpu"), plain)]

    assert keys[0].digest != keys[1].digest
    assert ["model_build/search" in key.inputs["code"] for key in keys] == [True, False]
