"""T5's decoder by steps, over the modules of a Hugging Face T5.

Plain FP16 is unsafe: norms, the feed-forward's second product, the residual stream and the logits
stay in float32. The other products take the precision that is asked for.
"""

from typing import Any

import torch
from torch import Tensor, nn

from model_build.compilers.tensorrt.graphs.attention import apply, split
from model_build.compilers.tensorrt.graphs.decoder import Caches, StepDecoder


class T5Decoder(StepDecoder):
    """The decoder of `T5ForConditionalGeneration`."""

    table: Tensor

    def __init__(
        self, model: Any, steps: int, beams: int, dtype: torch.dtype, places: int = 0
    ) -> None:
        config = model.config
        super().__init__(
            config.num_decoder_layers, config.num_heads, config.d_kv, steps, beams, places
        )
        self.embedding: nn.Embedding = model.shared
        self.head: nn.Linear = model.lm_head
        self.blocks, self.norm = model.decoder.block, model.decoder.final_layer_norm
        self.shrink = config.d_model**-0.5 if config.tie_word_embeddings else 1.0
        biased = self.blocks[0].layer[0].SelfAttention
        table = biased.compute_bias(self.places, self.places)[0].detach()
        self.register_buffer("table", table.transpose(0, 1).float(), persistent=False)
        for block in self.blocks:
            for attention in (block.layer[0].SelfAttention, block.layer[1].EncDecAttention):
                for name in ("q", "k", "v", "o"):
                    getattr(attention, name).to(dtype)
            for name, part in block.layer[2].DenseReluDense.named_children():
                if name.startswith("wi"):
                    part.to(dtype)

    def order(self, position: Tensor) -> Tensor:
        """Return T5's relative bias, (1, heads, 1, places)."""
        return self.table.index_select(0, position).unsqueeze(2)

    def embed(self, token: Tensor, position: Tensor) -> Tensor:
        """Return the token's vector; positions are in the bias."""
        vectors: Tensor = self.embedding(token.unsqueeze(1))
        return vectors

    def layer(self, index: int, values: Tensor, look_back: Any, look_across: Any) -> Tensor:
        """Return the values after self-attention, cross-attention and feed-forward."""
        parts: Any = self.blocks[index]
        own, across, forward = parts.layer
        attention, normal = own.SelfAttention, own.layer_norm(values)
        found = look_back(*(apply(getattr(attention, name), normal) for name in ("q", "k", "v")))
        values = values + apply(attention.o, found).float()
        attention = across.EncDecAttention
        found = look_across(apply(attention.q, across.layer_norm(values)))
        values = values + apply(attention.o, found).float()
        return values + _feed(forward.DenseReluDense, forward.layer_norm(values)).float()

    def logits(self, values: Tensor) -> Tensor:
        """Return the logits, scaled where the embeddings are tied."""
        return apply(self.head, self.norm(values) * self.shrink)

    def cross(self, encoded: Tensor) -> Caches:
        """Return each layer's keys and values of encoded source texts."""
        attentions = [block.layer[1].EncDecAttention for block in self.blocks]
        pairs = [(attention.k, attention.v) for attention in attentions]
        return [split(apply(part, encoded), self.heads) for pair in pairs for part in pair]


def _feed(part: Any, values: Tensor) -> Tensor:
    if hasattr(part, "wi_0"):
        inner = part.act(apply(part.wi_0, values)) * apply(part.wi_1, values)
    else:
        inner = part.act(apply(part.wi, values))
    return apply(part.wo, inner)
