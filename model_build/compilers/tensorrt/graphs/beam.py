"""Beam search as one graph: Hugging Face's own vectorised search, a step of it.

It follows `transformers.generation.utils._beam_search` (4.57) line by line, so that it finds the
same hypotheses; scores are float32.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model_build.compilers.tensorrt.graphs.decoder import StepDecoder
from model_build.compilers.tensorrt.graphs.greedy import Tokens
from serving.runtime.generation.state import Carried

NEVER = -1e9


@dataclass(frozen=True)
class Search:
    """What ends a search; see Hugging Face's `GenerationConfig`."""

    length_penalty: float = 1.0
    early_stopping: bool | str = False


class BeamStep(nn.Module):
    """The running and the finished hypotheses to the same after one step, and `done`."""

    def __init__(self, decoder: StepDecoder, tokens: Tokens, search: Search) -> None:
        super().__init__()
        self.decoder, self.tokens, self.search = decoder, tokens, search

    def carried(self) -> list[Carried]:
        """Return the state's tensors, their shapes and what they begin with."""
        tokens, places, beams = self.tokens, self.decoder.places, self.decoder.beams
        return [
            Carried("token", ("rows",), "int64", tokens.start),
            Carried("position", (1,), "int64", 0),
            Carried("running", ("texts", beams, places), "int64", tokens.pad),
            Carried("running_scores", ("texts", beams), "float32", 0.0, first_only=NEVER),
            Carried("best", ("texts", beams, places), "int64", tokens.pad),
            Carried("best_scores", ("texts", beams), "float32", NEVER),
            Carried("finished", ("texts", beams), "bool", 0),
            Carried("open", ("texts", 1), "bool", 1),
        ]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return (done, the state after the step, *caches); `written` is `best[:, 0]`.

        Args:
            tensors: The mask, the state in the order of `carried`, own caches, cross caches.
        """
        decoder, tokens, beams = self.decoder, self.tokens, self.decoder.beams
        mask, token, position, running, sums, best, scores, finished, still, *caches = tensors
        own, cross = caches[: 2 * decoder.count], caches[2 * decoder.count :]
        logits, own = decoder(token, position, own, cross, mask)
        likely = self._processed(torch.log_softmax(logits, dim=-1), position)
        vocabulary = likely.shape[-1]
        likely = likely.reshape(-1, beams, vocabulary) + sums.unsqueeze(2)

        top, index = torch.topk(likely.flatten(1), 2 * beams)
        parent, chosen = index // vocabulary, index % vocabulary
        longer = _rows(running, parent)
        here = torch.eq(decoder.numbers, position)[None, None]
        longer = torch.where(here, chosen.unsqueeze(2), longer)
        last = position >= decoder.steps - 1
        ended = (chosen == tokens.end) | last

        onward = top + ended.float() * NEVER
        sums, kept = torch.topk(onward, beams)
        running, token = _rows(longer, kept), torch.gather(chosen, 1, kept).flatten()
        parent = torch.gather(parent, 1, kept)

        best, scores, finished = self._finish(
            best, scores, finished, still, longer, top, ended, position
        )
        own = [_reordered(cache, parent) for cache in own]
        still = still & self._improvable(sums, scores, finished, position)
        full = finished.all() if self.search.early_stopping is True else torch.zeros_like(last)
        done = ~still.any().reshape(1) | full.reshape(1) | last
        return (done, token, position + 1, running, sums, best, scores, finished, still, *own)

    def _processed(self, likely: Tensor, position: Tensor) -> Tensor:
        for wanted, place in ((self.tokens.first, 0), (self.tokens.last, self.decoder.steps - 1)):
            if wanted is not None:
                only = torch.full((likely.shape[-1],), -torch.inf)
                only[wanted] = 0.0
                likely = torch.where(position == place, only[None], likely)
        return likely

    def _finish(
        self, best: Tensor, scores: Tensor, finished: Tensor, still: Tensor, longer: Tensor,
        top: Tensor, ended: Tensor, position: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Put newly ended hypotheses among the finished ones, where they are better."""
        beams = self.decoder.beams
        backup = torch.arange(2 * beams) >= beams
        just = ended & ~backup[None]
        new = top / (position + 1).float() ** self.search.length_penalty
        if self.search.early_stopping is True:
            new = new + finished.all(dim=1, keepdim=True).float() * NEVER
        new = new + (~still).float() * NEVER + (~just).float() * NEVER
        scores, picked = torch.topk(torch.cat([scores, new], dim=1), beams)
        best = _rows(torch.cat([best, longer], dim=1), picked)
        # GatherElements takes no booleans everywhere: they travel as numbers.
        marks = torch.cat([finished, just], dim=1).to(torch.int64)
        return best, scores, torch.gather(marks, 1, picked) == 1

    def _improvable(
        self, sums: Tensor, scores: Tensor, finished: Tensor, position: Tensor
    ) -> Tensor:
        """Say by text whether a running hypothesis may still beat the worst finished one."""
        longest = self.search.early_stopping == "never" and self.search.length_penalty > 0
        length = (
            torch.full_like(position, self.decoder.steps) if longest else position + 1
        ).float()
        hoped = sums[:, :1] / length**self.search.length_penalty
        worst = torch.where(finished, scores.min(dim=1, keepdim=True).values, NEVER)
        return (hoped > worst).any(dim=1, keepdim=True)


def _rows(table: Tensor, index: Tensor) -> Tensor:
    """Return rows of (texts, beams, places) by (texts, picks)."""
    return torch.gather(table, 1, index.unsqueeze(2).expand(-1, -1, table.shape[2]))


def _reordered(cache: Tensor, parent: Tensor) -> Tensor:
    """Return a cache (rows, ...) in the order of each beam's parent, (texts, beams)."""
    texts, beams = parent.shape
    first = torch.arange(texts).unsqueeze(1) * beams
    return cache.index_select(0, (first + parent).flatten())
