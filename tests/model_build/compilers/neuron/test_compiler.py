"""How Neuron is called, by a stand-in with its signatures: nothing here compiles for a chip."""

import json
import platform
import sys
from dataclasses import replace

import pytest
import torch

from catalog.load import load_prices
from catalog.neuron import TOOLCHAINS
from catalog.spec import ModelSpec
from model_build.compilers import COMPILERS
from model_build.compilers.fidelity import fidelity
from model_build.compilers.neuron import compiler, toolchain
from model_build.compilers.neuron.policy import choose_policy
from model_build.compilers.probes import probes
from model_build.gates import run_gates
from serving.runtime import load
from tests.model_build import tiny

PYTHON = "{}.{}".format(*platform.python_version_tuple())
TORCH = torch.__version__.split("+")[0]
# torch_neuron.trace as AWS documents it: a call with other words is a TypeError.
STAND_IN = """
import json, os, torch
__version__ = "{version}"
def trace(model, example_inputs, *, compiler_args=None, compiler_workdir=None, fallback=True,
          dynamic_batch_size=False, separate_weights=False):
    assert compiler_args == ["--fast-math", "none"], compiler_args
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(json.dumps([list(item.shape) for item in example_inputs]) + chr(10))
    {body}
    return torch.jit.trace(model, example_inputs)
def DataParallel(model, device_ids=None, dim=0):
    return model
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts packages with Neuron's names and signatures where the runner looks."""

    def install(body="pass", version=TORCH):
        packages = tmp_path / "packages"
        for name in ("torch_neuron", "neuroncc"):
            (packages / name).mkdir(parents=True)
            text = STAND_IN.format(version=version, body=body)
            (packages / name / "__init__.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(packages))
        monkeypatch.syspath_prepend(str(packages))
        monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
        monkeypatch.setenv(toolchain.PYTHON_VARIABLE, sys.executable)
        here = replace(TOOLCHAINS["inf1"], python=PYTHON, torch=TORCH)
        monkeypatch.setitem(compiler.TOOLCHAINS, "inf1", here)
        return tmp_path / "calls"

    yield install
    for name in ("torch_neuron", "neuroncc"):
        sys.modules.pop(name, None)


def compile_(spec, source, tmp_path):
    return COMPILERS["inf1"].compile(spec, spec.targets[0], source, tmp_path / "work")


def test_never_run_on_a_chip_the_stand_in_is_asked_for_each_shape_and_the_directory_serves(
    stand_in, row, fragile, tmp_path
):
    calls = stand_in()
    spec = row(batches=[1, 4])
    expected = fragile.predict(probes("classification"))

    compiled = compile_(spec, fragile, tmp_path)

    shapes = [json.loads(line)[0] for line in calls.read_text().splitlines()]
    assert shapes == [[1, 8], [1, 24], [4, 8], [4, 24]]
    assert {"lift", "lower"} <= set(compiled.alternatives[0]["kept_fp32"])
    model = load(compiled.directory)
    assert model.description.buckets == (8, 24)
    answers = [model.predict([text])[0] for text in probes("classification")]
    assert fidelity("classification", expected, answers)[1] >= 0.97


def test_a_machine_without_the_toolchain_fails_at_once_and_names_the_container(
    row, sturdy, tmp_path, monkeypatch
):
    monkeypatch.delenv(toolchain.PYTHON_VARIABLE, raising=False)

    with pytest.raises(toolchain.MissingToolchain, match=r"no Neuron toolchain.*sdk2\.20\.2"):
        compile_(row(), sturdy, tmp_path)
    assert not (tmp_path / "work").exists()


def test_another_sdk_than_the_keys_is_refused_with_both_tuples(stand_in, row, sturdy, tmp_path):
    stand_in(version="1.12.1.2.5")

    with pytest.raises(
        toolchain.MissingToolchain, match=rf"torch_neuron is 1\.12\.1\.2\.5, not {TORCH}"
    ):
        compile_(row(), sturdy, tmp_path)


def test_the_placeholders_of_public_indexes_are_told_from_the_real_packages(
    stand_in, row, sturdy, tmp_path
):
    stand_in()
    package = tmp_path / "packages" / "neuroncc" / "__init__.py"
    package.write_text("raise ImportError('WRONG PACKAGE')")

    with pytest.raises(toolchain.MissingToolchain, match="neuroncc is missing: WRONG PACKAGE"):
        compile_(row(), sturdy, tmp_path)


def test_a_compiler_that_runs_out_of_memory_is_explained(stand_in, row, sturdy, tmp_path):
    stand_in(body="os.kill(os.getpid(), 9)")

    with pytest.raises(toolchain.CompilerFailed, match=r"out of memory\. Use a larger builder"):
        compile_(row(precision="fp32"), sturdy, tmp_path)


def test_a_compiler_that_hangs_is_stopped(stand_in, tmp_path, monkeypatch):
    stand_in()
    request = {"framework": "torch_neuron", "trace": []}
    monkeypatch.setattr(toolchain, "RUNNER", tmp_path / "sleep.py")
    (tmp_path / "sleep.py").write_text("import time; time.sleep(60)")

    with pytest.raises(toolchain.CompilerFailed, match=r"stopped after 0\.005 minutes: raise"):
        toolchain.run(request, tmp_path, 0.005)


@pytest.mark.parametrize(("limit", "apart"), [(1, True), (int(1.9e9), False)])
def test_weights_that_are_too_many_for_a_graph_are_kept_apart(row, sturdy, tmp_path, limit, apart):
    spec = row(precision="fp32", batches=[1])
    policy = choose_policy(spec, sturdy, "fp32")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiler, "SEPARATE_ABOVE", limit)
        request = compiler.write_scripts(spec, spec.targets[0], sturdy, policy, tmp_path)

    assert request["separate_weights"] is apart


def test_a_dynamic_batch_of_a_graph_that_asks_sizes_is_refused(stand_in, row, sturdy, tmp_path):
    stand_in()

    with pytest.raises(compiler.ImpossibleTarget, match="aten::size"):
        compile_(row(precision="fp32", dynamic_batch=True), sturdy, tmp_path)


def test_the_twin_answers_here_as_the_chip_is_meant_to_and_its_speed_is_left_to_the_chip(
    stand_in, row, fragile, tmp_path
):
    stand_in()
    goals = {"label_agreement": {"threshold": 0.8}, "p99_ms": {"threshold": 1e-6}}
    document = row(batches=[4]).model_dump(mode="json", exclude_none=True)
    document["gates"]["metrics"] = goals
    spec = ModelSpec.model_validate(document)
    texts = probes("classification")
    labels = [spec.labels[answer.argmax()] for answer in fragile.predict(texts)]

    compiled = compile_(spec, fragile, tmp_path)
    evidence = run_gates(
        spec,
        spec.targets[0],
        fragile,
        compiled.twin,
        tiny.golden("classification", texts, labels),
        load_prices(),
        twin=True,
    )

    assert evidence.passed  # no CPU could meet that p99: it was not judged
    assert evidence.conditions["pending"] == ["p99_ms"]
    assert [verdict.metric for verdict in evidence.verdicts] == ["finite", "label_agreement"]
