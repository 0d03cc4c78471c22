"""Greedy decoding as one graph: a step takes the state and gives the next, tokens included.

Nothing has to leave the device between steps: the host only asks, now and then, whether all rows
are done.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model_build.compilers.tensorrt.graphs.decoder import StepDecoder
from serving.runtime.generation.state import Carried


@dataclass(frozen=True)
class Tokens:
    """The ids that begin, end and fill an output; `last` is forced into the last place."""

    start: int
    end: int
    pad: int
    first: int | None = None
    last: int | None = None


class GreedyStep(nn.Module):
    """(token, position, written, finished, caches) to the same after one step, and `done`."""

    def __init__(self, decoder: StepDecoder, tokens: Tokens) -> None:
        super().__init__()
        self.decoder, self.tokens = decoder, tokens

    def carried(self) -> list[Carried]:
        """Return the state's tensors, their shapes and what they begin with."""
        tokens, places = self.tokens, self.decoder.places
        return [
            Carried("token", ("rows",), "int64", tokens.start),
            Carried("position", (1,), "int64", 0),
            Carried("written", ("rows", places), "int64", tokens.pad),
            Carried("finished", ("rows",), "bool", 0),
        ]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return (done, token, position, written, finished, *caches).

        Args:
            tensors: The mask, the state in the order of `carried`, own caches, cross caches.
        """
        decoder, tokens = self.decoder, self.tokens
        mask, token, position, written, finished, *caches = tensors
        own, cross = caches[: 2 * decoder.count], caches[2 * decoder.count :]
        logits, own = decoder(token, position, own, cross, mask)
        best = forced(torch.argmax(logits, dim=-1), position, decoder.steps, tokens)
        best = torch.where(finished, tokens.pad, best)
        written = torch.where(torch.eq(decoder.numbers, position)[None], best[:, None], written)
        finished = finished | (best == tokens.end)
        done = finished.all().reshape(1) | (position >= decoder.steps - 1)
        return (done, best, position + 1, written, finished, *own)


def forced(best: Tensor, position: Tensor, steps: int, tokens: Tokens) -> Tensor:
    """Return the tokens with those that the first or the last step must have."""
    if tokens.first is not None:
        best = torch.where(position == 0, tokens.first, best)
    if tokens.last is not None:
        best = torch.where(position == steps - 1, tokens.last, best)
    return best
