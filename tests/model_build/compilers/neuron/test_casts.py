import pytest
import torch

from model_build.compilers.neuron.casts import cast, parts
from model_build.modules.ad_image import AdImageCnn
from model_build.modules.ad_text import AdTextCnn
from tests.model_build.tiny_encoders import Classifier


@pytest.mark.parametrize("module", [AdImageCnn(3), AdTextCnn(50, 3), Classifier(3)])
def test_every_weight_belongs_to_exactly_one_part(module):
    owned = [id(weight) for part in parts(module).values() for weight in part.parameters()]

    assert sorted(owned) == sorted(id(weight) for weight in module.parameters())


def test_a_layer_of_a_stack_is_one_part():
    assert list(parts(Classifier(3))) == [
        "embed.bert.embeddings",
        "embed.bert.encoder.layer.0",
        "embed.bert.encoder.layer.1",
        "head",
    ]


def test_what_is_cast_answers_nearly_alike_and_leaves_the_source_as_it_was():
    torch.manual_seed(0)
    module = AdImageCnn(3).eval()
    pixels = torch.rand(2, 3, 96, 96)

    mixed = cast(module, "bf16")

    assert mixed(pixels).dtype == torch.float32
    assert torch.allclose(mixed(pixels), module(pixels), atol=0.02)
    assert not torch.equal(mixed(pixels), module(pixels))
    assert {weight.dtype for weight in module.parameters()} == {torch.float32}


def test_keeping_everything_changes_nothing():
    module = AdTextCnn(50, 3).eval()
    ids, mask = torch.randint(0, 50, (2, 8)), torch.ones(2, 8, dtype=torch.int64)

    kept = cast(module, "fp16", keep=parts(module))

    assert torch.equal(kept(ids, mask), module(ids, mask))


def test_a_part_that_does_not_exist_is_named():
    with pytest.raises(KeyError, match=r"'hed' is no part of the model; it has .*head"):
        cast(Classifier(3), "bf16", keep=["hed"])
