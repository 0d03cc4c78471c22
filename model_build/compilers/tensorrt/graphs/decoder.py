"""One step of a decoder: the part that T5 and BART share."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from model_build.compilers.tensorrt.graphs.attention import attend, hidden_where, split, write

Caches = list[Tensor]
"""Keys and values by layer, in turn: key_0, value_0, key_1, ..."""

Attention = Callable[..., Tensor]


class StepDecoder(nn.Module):
    """A decoder that reads one token a row and keeps what it has read in caches.

    Attributes:
        count: Layers.
        heads: Attention heads.
        width: Width of a head.
        steps: Longest output in tokens.
        places: Length of a cache, and of a row of the output: as many or more.
        beams: Rows that share one source text.
        scale: What attention scores are multiplied by.
        numbers: int64 (places,), each place's own number.
    """

    numbers: Tensor
    scale = 1.0

    def __init__(
        self, count: int, heads: int, width: int, steps: int, beams: int, places: int
    ) -> None:
        super().__init__()
        self.count, self.heads, self.width = count, heads, width
        self.steps, self.beams = steps, beams
        self.places = max(steps, places)
        self.register_buffer("numbers", torch.arange(self.places), persistent=False)

    def forward(
        self, token: Tensor, position: Tensor, own: Sequence[Tensor], cross: Sequence[Tensor],
        mask: Tensor,
    ) -> tuple[Tensor, Caches]:  # fmt: skip
        """Return float32 logits (rows, vocabulary) of the next token, and the caches after it.

        Args:
            token: int64 (rows,), the token at `position`.
            position: int64 (1,).
            own: Caches (rows, heads, places, width) of the tokens before.
            cross: Keys and values (texts, heads, length, width) of the source texts.
            mask: int64 (texts, length), 1 on the tokens of a source text.
        """
        here = torch.eq(self.numbers, position)
        past = hidden_where(self.numbers <= position)[None, None, None] + self.order(position)
        source = hidden_where(mask[:, None, None, :] == 1)
        values = self.embed(token, position)
        after: Caches = []
        for layer in range(self.count):
            pair = slice(2 * layer, 2 * layer + 2)

            def look_back(query: Tensor, key: Tensor, value: Tensor, at: slice = pair) -> Tensor:
                keys, held = (
                    write(cache, split(new, self.heads), here)
                    for cache, new in zip(own[at], (key, value), strict=True)
                )
                after.extend((keys, held))
                found = attend(split(query, self.heads), keys, held, past, self.scale)
                return found.transpose(1, 2).flatten(2)

            def look_across(query: Tensor, at: slice = pair) -> Tensor:
                # The beams of a text ask its caches together: no copy of the caches for each.
                texts = query.reshape(-1, self.beams, self.heads * self.width)
                keys, held = cross[at]
                found = attend(split(texts, self.heads), keys, held, source, self.scale)
                return found.transpose(1, 2).flatten(2).reshape(query.shape)

            values = self.layer(layer, values, look_back, look_across)
        return self.logits(values[:, 0]).float(), after

    def order(self, position: Tensor) -> Tensor:
        """Return what the order of tokens adds to scores of self-attention."""
        return torch.zeros(1, device=position.device)

    def embed(self, token: Tensor, position: Tensor) -> Tensor:
        """Return float32 (rows, 1, model width)."""
        raise NotImplementedError

    def layer(
        self, index: int, values: Tensor, look_back: Attention, look_across: Attention
    ) -> Tensor:
        """Return the values after a layer; the two functions are its attentions."""
        raise NotImplementedError

    def logits(self, values: Tensor) -> Tensor:
        """Return (rows, vocabulary)."""
        raise NotImplementedError

    def cross(self, encoded: Tensor) -> Caches:
        """Return each layer's keys and values of encoded source texts."""
        raise NotImplementedError
