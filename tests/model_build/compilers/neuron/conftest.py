"""Classifiers of texts: one bears 16 bits, one is made to lose its answers in them."""

import pytest
import torch
from torch import nn

from catalog.spec import Limits, ModelSpec
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource
from tests.model_build import tiny, tiny_encoders

LIFT = 3e4


class Lifted(nn.Module):
    """What two parts do and undo: far from zero, 16 bits cannot tell neighbours apart."""

    def __init__(self, inner: nn.Module, labels: int) -> None:
        super().__init__()
        self.inner, self.lift = inner, nn.Linear(labels, labels)
        self.lower = nn.Linear(labels, labels)
        with torch.no_grad():
            self.lift.weight.copy_(torch.eye(labels))
            self.lift.bias.fill_(LIFT)
            self.lower.weight.copy_(torch.eye(labels))
            self.lower.bias.fill_(-LIFT)

    def forward(self, input_ids, attention_mask):
        logits = self.inner(input_ids, attention_mask)
        return torch.softmax(self.lower(self.lift(logits)), dim=1)


@pytest.fixture
def sturdy(tmp_path) -> EncoderSource:
    return tiny_encoders.source("classification", tmp_path)


@pytest.fixture
def fragile(sturdy) -> EncoderSource:
    module = Lifted(sturdy.module, 3)
    limits = Limits(max_input_tokens=tiny_encoders.TOKENS)
    made = EncoderSource(module, sturdy.tokenizer_path(), limits)
    assert len({row.argmax() for row in made.predict(probes("classification"))}) > 1
    return made


@pytest.fixture
def row():
    """Makes the row of a text classifier for Inf1, with changes of its Neuron options."""

    def make(accelerator="inf1", precision="auto", buckets=(8, 24), **neuron) -> ModelSpec:
        spec = tiny.row("tiny", "classification", "minilm-intent", labels=("a", "b", "c"))
        document = spec.model_dump(mode="json", exclude_none=True)
        document["limits"] = {"max_input_tokens": 24, "buckets": list(buckets)}
        document["targets"] = [
            {
                "accelerator": accelerator,
                "instance": f"ml.{accelerator}.xlarge",
                "precision": precision,
                "options": {"neuron": neuron},
            }
        ]
        return ModelSpec.model_validate(document)

    return make
