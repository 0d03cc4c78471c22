"""A model that is made to lose its answers in 16 bits, and the search that mends it: on a CPU."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from catalog.spec import ModelSpec
from model_build.compilers.fidelity import FLOORS, fidelity
from model_build.compilers.neuron.policy import choose_policy
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource

LIFT = 3e4


class Lifted(nn.Module):
    """Far from zero, 16 bits cannot tell neighbours apart: what `lift` does, `lower` undoes."""

    def __init__(self, inner: nn.Module, labels: int) -> None:
        """Wrap a classifier; in FP32 its answers stay the same."""
        super().__init__()
        self.inner = inner
        self.lift, self.lower = nn.Linear(labels, labels), nn.Linear(labels, labels)
        with torch.no_grad():
            for layer, bias in ((self.lift, LIFT), (self.lower, -LIFT)):
                layer.weight.copy_(torch.eye(labels))
                layer.bias.fill_(bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return probabilities, as the classifier's."""
        found = self.lower(self.lift(torch.log(self.inner(input_ids, attention_mask))))
        return torch.softmax(found, dim=1)


def demo_lines(spec: ModelSpec, source: EncoderSource, precision: str) -> Iterator[str]:
    """Break a model, search, and say step by step what was found and what it costs.

    Args:
        spec: The row of a text classifier.
        source: Its source.
        precision: `bf16` or `fp16`.
    """
    source.module = Lifted(source.module, len(spec.labels)).eval()
    inputs = probes(spec.task)
    expected = source.predict(inputs)
    metric = fidelity(spec.task, expected, expected)[0]
    yield f"{spec.name}, made to lose its answers in {precision}: {metric} of {len(inputs)} probes"
    yield f"must reach {FLOORS[metric]}"
    policy = choose_policy(spec, source, precision)
    assert policy.found is not None
    for trial in policy.found.trials:
        yield f"  {trial.step:<28} {metric} {trial.likeness:.4f}"
    kept = ", ".join(sorted(policy.found.kept))
    share = 100 * policy.found.share
    yield f"kept in FP32: {kept}: {share:.3f} % of the work; all else in {precision}"
