"""The training loop: teacher forcing in bfloat16, updates of 32-bit weights, checkpoints."""

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from model_build.train.spelling.batches import IGNORED, Batch
from model_build.train.spelling.norms import quicken
from model_build.train.spelling.optimizer import Optimizer, Rates


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn.

    Attributes:
        shares: The share of the highest learning rates at some steps, straight lines between
            them; training ends at the last of these steps.
        rates: The highest learning rates.
        batch: Queries in a batch.
        smoothing: Label smoothing.
    """

    shares: tuple[tuple[int, float], ...]
    rates: Rates = field(default_factory=Rates)
    batch: int = 256
    smoothing: float = 0.05

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


def train(
    model: PreTrainedModel,
    data: Iterable[Batch],
    schedule: Schedule,
    *,
    checkpoint: Path | None = None,
    every: int = 250,
    report: Callable[[str], None] = print,
) -> float:
    """Trains `model` in place and returns the mean loss of the last steps.

    With `checkpoint`, the state is kept there each `every` steps, and a run that finds one goes on
    from it: `data` must be the same stream, whose first batches are then skipped.
    """
    optimizer = Optimizer(model, schedule.rates)
    first = 0
    if checkpoint is not None and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = int(state["step"])
        report(f"resumed at step {first}")
    worker = copy.deepcopy(model).bfloat16().train()
    quicken(worker)
    started, mean = time.monotonic(), float("nan")
    for step, batch in enumerate(islice(data, first, schedule.steps), start=first):
        loss = _gradient(model, worker, batch, schedule.smoothing)
        optimizer.step(schedule.share(step))
        with torch.no_grad():
            torch._foreach_copy_(list(worker.parameters()), list(model.parameters()))
        mean = loss if math.isnan(mean) else 0.98 * mean + 0.02 * loss
        if (step + 1) % every == 0:
            rate = (step + 1 - first) / (time.monotonic() - started)
            report(f"step {step + 1}/{schedule.steps} loss {mean:.4f} ({rate:.2f} steps/s)")
            if checkpoint is not None:
                _save(checkpoint, model, optimizer, step + 1)
    return mean


def _gradient(
    model: PreTrainedModel, worker: PreTrainedModel, batch: Batch, smoothing: float
) -> float:
    """Returns the loss of one batch; its gradients go from the 16-bit `worker` to `model`."""
    shift: Callable[..., Tensor] = worker.prepare_decoder_input_ids_from_labels  # type: ignore[assignment]
    output = worker(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        decoder_input_ids=shift(labels=batch.labels),
        use_cache=False,
    )
    loss = cross_entropy(
        output.logits.flatten(0, 1).float(),
        batch.labels.flatten(),
        ignore_index=IGNORED,
        label_smoothing=smoothing,
    )
    loss.backward()  # type: ignore[no-untyped-call]
    for weight, copied in zip(model.parameters(), worker.parameters(), strict=True):
        weight.grad = None if copied.grad is None else copied.grad.float()
        copied.grad = None
    return loss.item()


def _save(path: Path, model: PreTrainedModel, optimizer: Optimizer, step: int) -> None:
    state: dict[str, Any] = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
