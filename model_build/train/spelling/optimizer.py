"""The optimizer: Muon for the matrices between layers, AdamW for embeddings, norms and biases."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Rates:
    """The highest learning rates; a schedule scales them all alike.

    Attributes:
        hidden: Of the matrices between layers (Muon).
        embedding: Of the vectors that words are made of.
        position: Of learned or relative positions.
        other: Of norms and biases.
    """

    hidden: float = 6e-3
    embedding: float = 3e-3
    position: float = 2e-3
    other: float = 2e-3


class Optimizer:
    """Both optimizers as one.

    Muon makes each update of a matrix orthogonal, so that rare directions are learned as fast as
    frequent ones: per minute, about half the steps do.
    """

    def __init__(self, named: Iterable[tuple[str, Tensor]], rates: Rates) -> None:
        """Sort the named parameters into groups."""
        groups: dict[str, list[Tensor]] = {"hidden": [], "embedding": [], "position": []}
        others: list[Tensor] = []
        for name, weight in named:
            groups.get(_group(name, weight), others).append(weight)
        self._weights = [*(w for group in groups.values() for w in group), *others]
        self._muon = torch.optim.Muon(
            groups["hidden"], lr=rates.hidden, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
        )
        self._adam = torch.optim.AdamW(
            [
                {"params": groups["embedding"], "lr": rates.embedding},
                {"params": groups["position"], "lr": rates.position},
                {"params": others, "lr": rates.other},
            ],
            betas=(0.9, 0.98),
            weight_decay=0.0,
            fused=True,
        )
        for group in (*self._muon.param_groups, *self._adam.param_groups):
            group["highest"] = group["lr"]

    def step(self, share: float) -> None:
        """Updates the weights at `share` of the highest rates."""
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        for optimizer in (self._muon, self._adam):
            for group in optimizer.param_groups:
                group["lr"] = share * group["highest"]
            optimizer.step()  # type: ignore[no-untyped-call]

    def state_dict(self) -> dict[str, Any]:
        """Returns what `load_state_dict` takes."""
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on from a kept state."""
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])


def _group(name: str, weight: Tensor) -> str:
    if "position" in name or "relative_attention_bias" in name:
        return "position"
    if name in ("groups", "direction", "commonness"):
        return "embedding"
    return "hidden" if weight.ndim == 2 else "other"
