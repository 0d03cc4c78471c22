import pytest
import torch

from catalog.load import load_models
from catalog.neuron import TOOLCHAINS
from model_build.compilers.contract import ImpossibleTarget
from model_build.compilers.neuron import flags, operators
from model_build.compilers.neuron.grid import Shape, example, grid


def test_the_grid_is_every_batch_with_every_length(row):
    spec = row(batches=[4, 1])

    assert grid(spec, spec.targets[0]) == [Shape(1, 8), Shape(1, 24), Shape(4, 8), Shape(4, 24)]
    assert Shape(4, 8).name == "b4-s8"


def test_a_text_model_without_buckets_is_compiled_for_its_longest_text(row):
    spec = row(buckets=())

    assert grid(spec, spec.targets[0]) == [Shape(1, 24)]


def test_an_image_has_no_length():
    assert [item.shape for item in example(("pixels",), Shape(2), 96)] == [(2, 3, 96, 96)]


def test_the_compiler_is_told_to_cast_nothing_by_itself(row):
    spec = row(pipeline_cores=4)

    found = flags.compiler_args(TOOLCHAINS["inf1"], spec.targets[0])

    assert found == ["--fast-math", "none", "--neuroncore-pipeline-cores", "4"]


@pytest.mark.parametrize(
    ("accelerator", "options", "words"),
    [
        ("inf1", {"pipeline_cores": 2, "cores": 2}, "DataParallel does not work"),
        ("inf2", {"pipeline_cores": 2}, "neuronx-cc has no pipeline"),
        ("inf1", {"cores": 8}, "more cores than the 4 of one chip"),
        ("inf1", {"dynamic_batch": True, "batches": [1, 2]}, "name one"),
    ],
)
def test_what_compiles_and_then_does_not_work_is_refused(row, accelerator, options, words):
    spec = row(accelerator, **options)

    with pytest.raises(ImpossibleTarget, match=words):
        flags.check(spec, spec.targets[0])


def test_neuron_options_are_for_neuron():
    document = load_models()["intent"].model_dump(mode="json", exclude_none=True)
    document["targets"][0]["options"]["neuron"] = {"batches": [8]}

    with pytest.raises(ValueError, match=r"options\.neuron is for inf1 and inf2, not cpu"):
        type(load_models()["intent"]).model_validate(document)


def test_operators_that_the_chip_lacks_are_counted():
    traced = torch.jit.trace(
        lambda x: torch.linalg.vector_norm(x) + torch.relu(x).sum(), torch.ones(3)
    )

    assert operators.on_the_host(traced) == {"linalg_vector_norm": 1}
    assert not operators.hinders_dynamic_batch(traced)
