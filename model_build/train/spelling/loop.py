"""The training loop: teacher forcing in bfloat16, updates of 32-bit weights, checkpoints."""

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, embedding
from transformers import PreTrainedModel

from model_build.train.spelling.alignment import Alignment
from model_build.train.spelling.batches import IGNORED, Batch
from model_build.train.spelling.norms import quicken
from model_build.train.spelling.optimizer import Optimizer, Rates
from model_build.train.spelling.words import WordVectors

ALIGNMENT = 0.3
"""How much looking at the right word counts beside writing the right one."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn.

    Attributes:
        shares: The share of the highest learning rates at some steps, straight lines between
            them; training ends at the last of these steps.
        rates: The highest learning rates.
        batch: Queries in a batch.
        others: Words drawn at random that a step chooses among, besides those of its batch.
        whole: The last steps, which choose among all words, whose vectors stay as they are then.
    """

    shares: tuple[tuple[int, float], ...]
    rates: Rates = field(default_factory=Rates)
    batch: int = 384
    others: int = 6000
    whole: int = 0

    @property
    def steps(self) -> int:
        """The number of batches in all."""
        return self.shares[-1][0]

    def share(self, step: int) -> float:
        """Returns the share of the highest learning rates that a step takes."""
        for (start, left), (end, right) in pairwise(self.shares):
            if start <= step < end:
                return left + (right - left) * (step - start) / (end - start)
        raise ValueError(f"step {step} lies outside a schedule of {self.steps} steps")


class Training:
    """A model and its word vectors, being trained.

    Attributes:
        model: Has no vocabulary of its own: its embeddings are never used.
        words: The vectors of what it reads and writes.
    """

    def __init__(self, model: PreTrainedModel, words: WordVectors, schedule: Schedule) -> None:
        """Start from a new model."""
        self.model, self.words, self.schedule = model, words, schedule
        self._weights = _inner(model)
        self._worker = copy.deepcopy(model).bfloat16().train()
        quicken(self._worker)
        self._copies = _inner(self._worker)
        named = [*self._weights.items(), *words.named_parameters()]
        self._optimizer = Optimizer(named, schedule.rates)
        self._alignment = Alignment(words.tokens)
        self.looking = 0.0
        self._whole: Tensor | None = None
        scale = model.config.d_model**-0.5 if model.config.model_type == "t5" else 1.0
        self._scale = float(scale)

    def run(
        self,
        data: Iterable[Batch],
        *,
        checkpoint: Path | None = None,
        every: int = 150,
        report: Callable[[str], None] = print,
        look: Callable[[], str] = str,
    ) -> float:
        """Trains in place and returns the mean loss of the last steps.

        With `checkpoint`, the state is kept there each `every` steps, and a run that finds one
        goes on from it: `data` must be the same stream, whose first batches are then skipped.
        """
        first = self._resume(checkpoint, report)
        started, mean = time.monotonic(), float("nan")
        for step, batch in enumerate(islice(data, first, self.schedule.steps), start=first):
            loss = self._step(step, batch)
            mean = loss if math.isnan(mean) else 0.98 * mean + 0.02 * loss
            if (step + 1) % every == 0:
                rate = (step + 1 - first) / (time.monotonic() - started)
                report(
                    f"step {step + 1}/{self.schedule.steps} loss {mean:.4f}"
                    f" looking {self.looking:.3f}"
                    f" ({rate:.2f} steps/s) {look()}"
                )
                if checkpoint is not None:
                    self._save(checkpoint, step + 1)
        return mean

    def _step(self, step: int, batch: Batch) -> float:
        if step >= self.schedule.steps - self.schedule.whole and self._whole is None:
            self._whole = self.words.whole().bfloat16()
        if self._whole is None:
            draw = np.random.default_rng(step)
            wanted = torch.unique(batch.labels[batch.labels != IGNORED])
            chosen, stands_for = self.words.choose(wanted, self.schedule.others, draw)
            vectors = self.words(chosen).bfloat16()
        else:
            chosen, vectors = torch.arange(self.words.size), self._whole
            stands_for = torch.zeros(1)
        loss = self._loss(batch, chosen, vectors, stands_for)
        loss.backward()  # type: ignore[no-untyped-call]
        for name, weight in self._weights.items():
            copied = self._copies[name]
            weight.grad = None if copied.grad is None else copied.grad.float()
            copied.grad = None
        self._optimizer.step(self.schedule.share(step))
        self.words.zero_grad()
        self._refresh()
        return loss.item()

    def _loss(self, batch: Batch, chosen: Tensor, vectors: Tensor, stands_for: Tensor) -> Tensor:
        """Returns the mean loss of choosing among the words `chosen`, ids in rising order."""
        worker: Any = self._worker
        config = worker.config
        shifted = batch.labels.roll(1, dims=1)
        shifted[:, 0] = config.decoder_start_token_id
        shifted[shifted == IGNORED] = config.pad_token_id
        read, written = (torch.searchsorted(chosen, ids) for ids in (batch.ids, shifted))
        encoded = worker.get_encoder()(
            inputs_embeds=embedding(read, vectors), attention_mask=batch.mask
        )[0]
        decoded = worker.get_decoder()(
            inputs_embeds=embedding(written, vectors),
            encoder_hidden_states=encoded,
            encoder_attention_mask=batch.mask,
            use_cache=False,
            output_attentions=True,
        )
        asked = batch.labels != IGNORED
        logits = (decoded.last_hidden_state[asked] * self._scale) @ vectors.T
        right = torch.searchsorted(chosen, batch.labels[asked])
        loss = cross_entropy(logits.float() + stands_for, right)
        looking = self._alignment.loss(batch, decoded.cross_attentions[-1])
        self.looking = 0.9 * self.looking + 0.1 * looking.item()
        return loss + ALIGNMENT * looking

    def _refresh(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_(list(self._copies.values()), list(self._weights.values()))

    def _resume(self, checkpoint: Path | None, report: Callable[[str], None]) -> int:
        if checkpoint is None or not checkpoint.exists():
            return 0
        state = torch.load(checkpoint, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.words.load_state_dict(state["words"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._refresh()
        report(f"resumed at step {state['step']}")
        return int(state["step"])

    def _save(self, path: Path, step: int) -> None:
        state: dict[str, Any] = {
            "model": self.model.state_dict(),
            "words": self.words.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": step,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)


def _inner(model: PreTrainedModel) -> dict[str, Tensor]:
    """Returns the parameters besides the embeddings, which are made of letters."""
    return {n: w for n, w in model.named_parameters() if "shared" not in n}
