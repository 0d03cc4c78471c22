"""The gate on the chip, run against a stand-in for AWS's framework: never run on a chip.

What is real: compiling the graphs' scripts, the questions with the source's answers, the archive,
the store, the program that asks, the metrics, the goals, the signed evidence.
"""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from catalog import chip, digest
from catalog.artifact import FileEntry
from catalog.load import load_prices
from catalog.neuron import TOOLCHAINS
from catalog.spec import ModelSpec
from model_build.compilers import COMPILERS
from model_build.compilers.neuron import compiler, toolchain
from model_build.compilers.probes import probes
from model_build.gates import run_gates
from model_build.key import Proof
from model_build.onchip import prove
from model_build.onchip.endpoint import Endpoint
from model_build.onchip.prove import Prover
from model_build.onchip.questions import make_questions, write_questions
from model_build.package import package
from serving.onchip.__main__ import main as onchip
from tests.model_build import stand_in, tiny, tiny_encoders
from tests.model_build.fakes import manifest

VERSION = "{}.{}".format(*sys.version_info[:2])


def row(p99_ms: float) -> ModelSpec:
    spec = tiny.row("tiny", "classification", "minilm-intent", labels=("a", "b", "c"))
    document = spec.model_dump(mode="json", exclude_none=True)
    document["limits"] = {"max_input_tokens": 24, "buckets": [24]}
    document["targets"] = [
        {
            "accelerator": "inf1",
            "instance": "ml.inf1.xlarge",
            "precision": "fp32",
            "options": {"neuron": {"batches": [4]}},
        }
    ]
    document["serve"] = {"kind": "endpoint", "name": "ads"}
    document["gates"]["metrics"] = {
        "label_agreement": {"threshold": 0.99},
        "p99_ms": {"threshold": p99_ms},
    }
    return ModelSpec.model_validate(document)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Builds a tiny Inf1 artifact with the stand-in, once; returns its parts."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patched:
        stand_in.write_packages(folder / "packages", "torch_neuron", torch.__version__)
        patched.setenv("PYTHONPATH", str(folder / "packages"))
        patched.syspath_prepend(str(folder / "packages"))
        patched.setenv("CALLS", str(folder / "calls"))
        patched.setenv(toolchain.PYTHON_VARIABLE, sys.executable)
        short = torch.__version__.split("+")[0]
        here = replace(TOOLCHAINS["inf1"], python=VERSION, torch=short)
        patched.setitem(compiler.TOOLCHAINS, "inf1", here)
        spec = row(1e4)
        target, texts = spec.targets[0], probes("classification")[:24]
        source = tiny_encoders.source("classification", folder)
        labels = [spec.labels[answer.argmax()] for answer in source.predict(texts)]
        golden = tiny.golden("classification", texts, labels)
        compiled = COMPILERS["inf1"].compile(spec, target, source, folder / "work")
        evidence = run_gates(spec, target, source, compiled.twin, golden, load_prices(), twin=True)
        asked = write_questions(make_questions(spec, target, source, golden), folder)
        archive = package(spec, target, compiled.directory, folder)
        yield evidence, asked, archive
    stand_in.forget()


@pytest.fixture
def published(built, store):
    """Publishes that artifact; returns its row and its digest."""
    evidence, asked, archive = built

    def publish(p99_ms=1e4):
        kept = {chip.QUESTIONS: store.bucket.put_content(asked)}
        entry = FileEntry(archive.name, digest.of_file(archive), archive.stat().st_size)
        made = manifest(
            entry,
            model="tiny",
            task="classification",
            accelerator="inf1",
            evidence=replace(evidence, conditions={**evidence.conditions, **kept}),
            runtime_image="slipway/torchserve-inf1:aaaabbbbccccdddd",
            key_inputs={"labels": ["a", "b", "c"]},
        )
        return row(p99_ms), store.publish(made, archive, Proof("f" * 64, "sha256:aa", {}))

    return publish


@pytest.fixture
def a_chip(tmp_path, monkeypatch):
    """Gives this host the device file of a chip, for the program that asks."""
    devices = tmp_path / "dev"
    devices.mkdir()
    (devices / "neuron0").touch()

    def ask_here(model, questions, threads):
        out = questions.with_name("answers.json")
        given = ["--model", str(model), "--questions", str(questions), "--out", str(out)]
        assert onchip(given, devices) == 0
        return json.loads(out.read_text())

    monkeypatch.setattr(prove, "ask_here", ask_here)


def prover(spec, store, said=None, **changes):
    say = (said if said is not None else []).append
    return Prover({"tiny": spec}, store, load_prices(), say=say, **changes)


def test_a_host_without_a_chip_proves_nothing_and_says_what_it_lacks(published, store):
    spec, artifact = published()

    outcome = prover(spec, store).run({artifact: store.manifest(artifact)})

    assert "no Neuron chip" in outcome.unasked["tiny for inf1"]
    assert "a CPU does not stand in for the chip" in outcome.unasked["tiny for inf1"]
    assert store.chip_evidence(artifact) is None


def test_what_the_chip_answers_is_judged_by_the_rows_gates_and_signed(published, store, a_chip):
    spec, artifact = published()
    made = store.manifest(artifact)
    assert chip.unproven(made, None) == ("finite", "label_agreement", "p99_ms")

    outcome = prover(spec, store).run({artifact: made})

    evidence = store.chip_evidence(artifact)
    assert outcome.proven.keys() == {"tiny for inf1"}
    assert chip.unproven(made, evidence) == ()
    assert evidence.machine["chips"] == ["neuron0"]
    assert evidence.measurement("p99_ms").samples >= 200
    assert evidence.measurement("label_agreement").value == 1.0
    assert evidence.price["instance"] == "ml.inf1.xlarge"
    assert evidence.golden_digest == made.evidence.golden_digest


def test_what_was_proven_is_not_asked_again(published, store, a_chip, monkeypatch):
    spec, artifact = published()
    prover(spec, store).run({artifact: store.manifest(artifact)})
    monkeypatch.setattr(prove, "ask_here", None)

    outcome = prover(spec, store).run({artifact: store.manifest(artifact)})

    assert "was proven before" in outcome.proven["tiny for inf1"]


def test_a_chip_that_is_too_slow_is_stopped_and_its_evidence_kept_apart(published, store, a_chip):
    spec, artifact = published(p99_ms=1e-6)

    outcome = prover(spec, store).run({artifact: store.manifest(artifact)})

    assert "p99_ms" in outcome.stopped["tiny for inf1"]
    assert "label_agreement" not in outcome.stopped["tiny for inf1"]
    assert store.chip_evidence(artifact) is None
    assert len(store.bucket.keys("rejections/")) == 1


def test_an_endpoint_that_does_not_say_it_has_a_chip_is_not_believed(published, store):
    spec, artifact = published()

    class Runtime:
        def invoke_endpoint(self, **_):
            body = json.dumps({"probabilities": {"a": 1, "b": 0, "c": 0}})
            return {"Body": SimpleNamespace(read=lambda: body), "CustomAttributes": "ran-on=cpu"}

    def asked(_):
        return Endpoint("slipway-dev-ads", Runtime(), None)

    outcome = prover(spec, store, endpoint=asked).run({artifact: store.manifest(artifact)})

    assert outcome.unasked["tiny for inf1"].startswith(
        "slipway-dev-ads: its container says 'ran-on=cpu' of what computes, not ran-on=neuron"
    )


def test_an_artifact_that_a_cpu_could_judge_is_left_alone(store):
    made = manifest(FileEntry("a.tar.gz", "0" * 64, 1))

    outcome = prover(None, store).run({made.digest(): made})

    assert (outcome.proven, outcome.unasked) == ({}, {})


def test_an_artifact_without_questions_must_be_built_again(store):
    made = manifest(FileEntry("a.mar", "0" * 64, 1), accelerator="inf1")
    conditions = {"twin": "on this CPU", "pending": ["p99_ms"]}
    made = replace(made, evidence=replace(made.evidence, conditions=conditions))

    outcome = Prover({made.model: None}, store, load_prices()).run({made.digest(): made})

    assert "build it again" in outcome.unasked[f"{made.model} for inf1"]
