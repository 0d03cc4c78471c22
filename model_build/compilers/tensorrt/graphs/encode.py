"""The encoder of a T5 or BART with each decoder layer's cross caches as its outputs."""

from typing import Any

import torch
from torch import Tensor, nn

from model_build.compilers.tensorrt.graphs.decoder import StepDecoder


class Encode(nn.Module):
    """Ids and mask to the keys and values that every step asks."""

    def __init__(self, encoder: nn.Module, decoder: StepDecoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return key and value of each layer, (texts, heads, length, width)."""
        encoded: Any = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        return tuple(self.decoder.cross(encoded.last_hidden_state))


def lower(encoder: Any, dtype: torch.dtype) -> nn.Module:
    """Return an encoder in a lower precision, with the parts that need it in float32.

    Hugging Face's T5 takes its norms and softmax in float32 by itself and, once `wo` is float32,
    keeps the residual stream there too.
    """
    if dtype == torch.float32:
        return encoder  # type: ignore[no-any-return]
    encoder = encoder.to(dtype)
    for name, part in list(encoder.named_modules()):
        if name.endswith("DenseReluDense.wo"):
            part.float()
        for child, inner in list(part.named_children()):
            if isinstance(inner, nn.LayerNorm):
                setattr(part, child, Island(inner))
    return encoder  # type: ignore[no-any-return]


class Island(nn.Module):
    """A module that computes in float32 among others that do not."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner.float()

    def forward(self, values: Tensor) -> Tensor:
        """Return the module's answer in the precision that it was asked in."""
        answer: Tensor = self.inner(values.float())
        return answer.to(values.dtype)
