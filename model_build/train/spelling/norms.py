"""T5's layer norm in few passes: on a CPU, transformers' own takes a third of a training step."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from transformers.models.t5.modeling_t5 import T5LayerNorm


class _RmsNorm(torch.autograd.Function):
    """`weight * x / rms(x)` over the last dimension, kept in the type of `x`."""

    @staticmethod
    def forward(context: FunctionCtx, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """Returns the normed `x`."""
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = torch.rsqrt(length.square() / x.shape[-1] + epsilon).to(x.dtype)
        normed = x * scale
        context.save_for_backward(normed, scale, weight)
        return normed * weight

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, Tensor, None]:
        """Returns the slopes with respect to `x` and to the weight."""
        normed, scale, weight = context.saved_tensors
        towards_weight = (slope * normed).flatten(0, -2).sum(0)
        slope = slope * weight
        along = (slope * normed).mean(-1, keepdim=True)
        return (slope - normed * along).mul_(scale), towards_weight, None


def quicken(model: nn.Module) -> None:
    """Makes the model's T5 layer norms compute by `_RmsNorm`; other models stay as they are."""
    for module in model.modules():
        if isinstance(module, T5LayerNorm):
            module.forward = _quick(module)  # type: ignore[method-assign]


def _quick(module: T5LayerNorm) -> Any:
    def forward(x: Tensor) -> Tensor:
        normed: Tensor = _RmsNorm.apply(x, module.weight, module.variance_epsilon)  # type: ignore[no-untyped-call]
        return normed

    return forward
