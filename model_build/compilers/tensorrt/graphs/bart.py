"""BART's decoder by steps, over the modules of a Hugging Face BART.

Norms, the residual stream and the logits stay in float32.
"""

from typing import Any

import torch
from torch import Tensor

from model_build.compilers.tensorrt.graphs.attention import apply, split
from model_build.compilers.tensorrt.graphs.decoder import Caches, StepDecoder

# BART's table of positions begins with two that nothing uses.
OFFSET = 2


class BartDecoder(StepDecoder):
    """The decoder of `BartForConditionalGeneration`."""

    bias: Tensor

    def __init__(
        self, model: Any, steps: int, beams: int, dtype: torch.dtype, places: int = 0
    ) -> None:
        config, decoder = model.config, model.model.decoder
        width = config.d_model // config.decoder_attention_heads
        super().__init__(
            config.decoder_layers, config.decoder_attention_heads, width, steps, beams, places
        )
        self.decoder, self.head = decoder, model.lm_head
        self.register_buffer("bias", model.final_logits_bias.detach().float(), persistent=False)
        self.scale = width**-0.5
        for layer in decoder.layers:
            for attention in (layer.self_attn, layer.encoder_attn):
                attention.to(dtype)
            layer.fc1.to(dtype)
            layer.fc2.to(dtype)

    def embed(self, token: Tensor, position: Tensor) -> Tensor:
        """Return the sum of the token's and its position's vectors, normalised."""
        places = torch.nn.functional.embedding(
            position + OFFSET, self.decoder.embed_positions.weight
        )
        vectors = self.decoder.embed_tokens(token.unsqueeze(1)) + places
        normal: Tensor = self.decoder.layernorm_embedding(vectors)
        return normal

    def layer(self, index: int, values: Tensor, look_back: Any, look_across: Any) -> Tensor:
        """Return the values after self-attention, cross-attention and feed-forward."""
        part = self.decoder.layers[index]
        own, across = part.self_attn, part.encoder_attn
        found = look_back(
            apply(own.q_proj, values), apply(own.k_proj, values), apply(own.v_proj, values)
        )
        values = part.self_attn_layer_norm(values + apply(own.out_proj, found).float())
        found = look_across(apply(across.q_proj, values))
        values = part.encoder_attn_layer_norm(values + apply(across.out_proj, found).float())
        inner = part.activation_fn(apply(part.fc1, values))
        result: Tensor = part.final_layer_norm(values + apply(part.fc2, inner).float())
        return result

    def logits(self, values: Tensor) -> Tensor:
        """Return the logits with BART's bias."""
        return apply(self.head, values).float() + self.bias

    def cross(self, encoded: Tensor) -> Caches:
        """Return each layer's keys and values of encoded source texts."""
        attentions = [layer.encoder_attn for layer in self.decoder.layers]
        pairs = [(attention.k_proj, attention.v_proj) for attention in attentions]
        return [split(apply(part, encoded), self.heads) for pair in pairs for part in pair]
