"""Every call of Neuron's API, against stand-ins that take the documented words and no others."""

import json
import sys
from shutil import copyfile

import pytest
import torch

from catalog.neuron import TOOLCHAINS
from model_build.compilers.neuron import flags, runner
from serving.runtime import neuron_engine
from serving.runtime.description import Description
from tests.model_build import stand_in

TORCH = torch.__version__


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Puts both frameworks on the path; returns what they were called with so far."""
    for framework in stand_in.COMPILER_OF:
        stand_in.write_packages(tmp_path / "packages", framework, TORCH)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    yield lambda: [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    stand_in.forget()


class Doubles(torch.nn.Module):
    def forward(self, pixels):
        return pixels.flatten(1)[:, :2] * 2


@pytest.fixture
def request_of(tmp_path):
    """Makes the runner's request for a tiny graph."""

    def make(accelerator, **changes):
        source, target = tmp_path / "b2.ts", tmp_path / "model" / "b2.pt"
        target.parent.mkdir(exist_ok=True)
        torch.jit.trace(Doubles(), (torch.ones(2, 3, 4, 4),)).save(str(source))
        tools = TOOLCHAINS[accelerator]
        trace = {
            "source": str(source),
            "target": str(target),
            "shapes": [[2, 3, 4, 4]],
            "dtypes": ["float32"],
        }
        document = {
            "framework": tools.framework,
            "trace": [trace],
            "compiler_args": list(tools.no_cast),
            "separate_weights": False,
            "dynamic_batch": False,
            "workdir": str(tmp_path / "compiler"),
        }
        return {**document, **changes}

    return make


def test_inf1_is_traced_with_the_words_of_torch_neuron(request_of, calls):
    runner.compile_all(request_of("inf1", dynamic_batch=True, separate_weights=True))

    (call,) = calls()
    assert call == {
        "call": "trace",
        "shapes": [[2, 3, 4, 4]],
        "compiler_args": ["--fast-math", "none"],
        "dynamic_batch_size": True,
        "fallback": True,
        "separate_weights": True,
    }


def test_inf2_is_traced_with_the_words_of_torch_neuronx(request_of, calls):
    runner.compile_all(request_of("inf2", dynamic_batch=True, separate_weights=True))

    traced, batched = calls()
    assert traced["compiler_args"] == ["--auto-cast", "none"]
    assert traced["inline_weights_to_neff"] is False
    assert batched == {"call": "dynamic_batch"}


def test_words_that_aws_does_not_document_are_a_type_error(request_of, calls, monkeypatch):
    monkeypatch.setattr(runner, "keywords", lambda request: {"batch_size": 3})

    with pytest.raises(TypeError, match="batch_size"):
        runner.compile_all(request_of("inf1"))


@pytest.mark.parametrize("accelerator", ["inf1", "inf2"])
def test_a_served_graph_is_copied_to_every_core_by_data_parallel(
    request_of, calls, accelerator, tmp_path
):
    tools = TOOLCHAINS[accelerator]
    runner.compile_all(request_of(accelerator))
    grid = {"framework": tools.framework, "shapes": [[2, 0]], "cores": 4, "installed": {
        "torch": TORCH, tools.framework: TORCH}}  # fmt: skip
    (tmp_path / "model" / "grid.json").write_text(json.dumps(grid))

    engine = neuron_engine.load(tmp_path / "model", describe(), 1)

    assert calls()[-2:] == [
        {"call": "DataParallel", "device_ids": [0, 1, 2, 3]},
        {"call": "disable_dynamic_batching"},
    ]
    answers = engine.infer({"pixels": torch.ones(3, 3, 4, 4).numpy()})["probabilities"]
    assert answers.tolist() == [[2.0, 2.0]] * 3


def test_every_graph_runs_once_before_anybody_is_answered(request_of, calls, monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(
        neuron_engine, "_runs", lambda *_: lambda inputs: ran.append(inputs[0].shape) or inputs
    )
    request = request_of("inf1")
    runner.compile_all(request)
    for batch in (4, 8):
        copyfile(request["trace"][0]["target"], tmp_path / "model" / f"b{batch}.pt")
    grid = {"framework": "torch_neuron", "shapes": [[2, 0], [4, 0], [8, 0]], "cores": 1,
            "installed": {"torch": TORCH, "torch_neuron": TORCH}}  # fmt: skip
    (tmp_path / "model" / "grid.json").write_text(json.dumps(grid))

    neuron_engine.load(tmp_path / "model", describe(), 1)

    assert ran == [(2, 3, 4, 4), (4, 3, 4, 4), (8, 3, 4, 4)]


def test_graphs_of_another_release_than_the_servers_are_refused_with_both_tuples(
    request_of, calls, tmp_path
):
    runner.compile_all(request_of("inf1"))
    grid = {"framework": "torch_neuron", "shapes": [[2, 0]], "cores": 1, "installed": {
        "torch": "1.13.1", "torch_neuron": "1.13.1.2.11.13.0"}}  # fmt: skip
    (tmp_path / "model" / "grid.json").write_text(json.dumps(grid))

    with pytest.raises(
        neuron_engine.WrongToolchain,
        match=r"with torch 1\.13\.1, torch_neuron 1\.13\.1\.2\.11\.13\.0, here is torch",
    ):
        neuron_engine.load(tmp_path / "model", describe(), 1)


def test_a_machine_without_the_framework_says_which_is_needed(request_of, tmp_path):
    (tmp_path / "grid.json").write_text('{"framework": "torch_neuron", "shapes": []}')

    with pytest.raises(neuron_engine.WrongToolchain, match="torch_neuron, which is not here"):
        neuron_engine.load(tmp_path, describe(), 1)
    assert "torch_neuron" not in sys.modules


def test_the_pipeline_of_cores_is_asked_for_in_the_compilers_own_words(row):
    spec = row(pipeline_cores=4)

    found = flags.compiler_args(TOOLCHAINS["inf1"], spec.targets[0])

    assert found == ["--fast-math", "none", "--neuroncore-pipeline-cores", "4"]


def describe() -> Description:
    return Description(
        "tiny", "image-classification", "tiny", "neuron", "bf16", ("pixels",), "probabilities",
        labels=("a", "b"), image_size=4,
    )  # fmt: skip
