"""Whether a run met its targets: fast enough, and with the source's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOKENS_ALIKE = 0.85
"""Least share of eager's float32 tokens: of nine, one may differ.

Random weights bring logits so close that FP16 alone may turn a token: on a CPU, eager PyTorch in
FP16 kept all of T5's and at worst 0.944 of BART's (`python -m benchmarks.gpu --device cpu --batch 1
--batch 8 --system eager-fp16`, 2026-11-22). A wrong token leads to others, so a loop that computes
something else stays far below.
"""
VECTORS_ALIKE = 0.999
"""Least mean cosine to eager's float32 vectors: eager in FP16 kept 0.9997 in the same run."""


@dataclass(frozen=True)
class Target:
    """By how many times one system must be faster than another, and how like the source."""

    model: str
    batch: int
    ours: str
    other: str
    least: float
    alike: float


TARGETS = (
    Target("t5-small", 1, "loop-tensorrt-fp16", "eager-fp32", 10.0, TOKENS_ALIKE),
    Target("t5-base", 1, "loop-tensorrt-fp16", "eager-fp32", 10.0, TOKENS_ALIKE),
    Target("t5-small", 1, "loop-tensorrt-fp16", "torch.compile-fp16", 1.0, TOKENS_ALIKE),
    Target("t5-base", 1, "loop-tensorrt-fp16", "torch.compile-fp16", 1.0, TOKENS_ALIKE),
    Target("minilm", 1, "tensorrt-fp16", "eager-fp32", 4.0, VECTORS_ALIKE),
)


@dataclass(frozen=True)
class Verdict:
    """A target and what was reached of it; both figures and `met` are None where it was not run."""

    target: str
    least: float | None
    reached: float | None
    met: bool | None
    note: str

    def __str__(self) -> str:
        """Return one line."""
        if self.met is None:
            return f"not run: {self.target}: {self.note}"
        word = "met" if self.met else "MISSED"
        return f"{word}: {self.target}: {self.reached:g} (target {self.least:g}; {self.note})"


def of_speed(rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Return a verdict for each of `TARGETS`; one that answers unlike the source meets none."""
    known = {(row["model"], row["batch"], row["system"]): row for row in rows}
    found = []
    for target in TARGETS:
        words = f"{target.model} batch {target.batch}: {target.ours} over {target.other}"
        mine, theirs = (
            known.get((target.model, target.batch, name)) for name in (target.ours, target.other)
        )
        if mine is None or theirs is None:
            missing = target.ours if mine is None else target.other
            found.append(Verdict(words, None, None, None, f"{missing} was not measured"))
            continue
        reached = theirs["p50_ms"] / mine["p50_ms"]
        # Written so that NaN, for answers of another shape, meets nothing.
        met = reached >= target.least and mine["likeness"] >= target.alike
        note = f"likeness {mine['likeness']:.4f}, at least {target.alike:g}"
        found.append(Verdict(words, target.least, round(reached, 2), met, note))
    return found


def of_batching(document: Mapping[str, Any]) -> list[Verdict]:
    """Return the verdicts of dynamic batching, or one that says why it was not run.

    Args:
        document: That of `benchmarks.batching` with `least`, the gain that is asked; or `not run`
            with a reason.
    """
    if "not run" in document:
        return [Verdict("dynamic batching over none", None, None, None, document["not run"])]
    name = f"dynamic batching of {document['model']}"
    without, batched = (row["p99_ms"] for row in document["rows"])
    gain, least = document["gain"], document["least"]
    note = f"{batched:g} ms, without {without:g}; must be lower"
    return [
        Verdict(f"{name}: throughput over none", least, gain, gain >= least, "times as many"),
        Verdict(f"{name}: p99 of none over its own", 1.0, round(without / batched, 2),
                document["p99_lower"], note),
    ]  # fmt: skip
