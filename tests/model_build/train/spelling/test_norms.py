from copy import deepcopy

import torch
from transformers.models.t5.modeling_t5 import T5LayerNorm

from model_build.train.spelling.norms import quicken


def test_the_quick_norm_has_the_values_and_slopes_of_t5s_own():
    torch.manual_seed(1)
    own = torch.nn.Sequential(T5LayerNorm(8))
    own[0].weight.data = torch.rand(8) + 0.5
    quick = deepcopy(own)
    quicken(quick)
    x, slope = torch.randn(3, 4, 8), torch.randn(3, 4, 8)

    found = []
    for model in (own, quick):
        start = x.clone().requires_grad_()
        result = model(start)
        result.backward(slope)
        found.append((result.detach(), start.grad, model[0].weight.grad))

    for left, right in zip(*found, strict=True):
        assert torch.allclose(left, right, atol=1e-5)
