"""What a search found, as a document: in the manifest, in the report, beside the catalog."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.artifact import Verdict
from catalog.target import SearchOptions
from model_build.search.climb import Trial

RECORDED = Path(__file__).resolve().parents[2] / "catalog" / "searches"
"""Winners that later builds are compared with, a file for each model and accelerator."""


@dataclass(frozen=True)
class Curve:
    """Every trial of a search in order, and its winner; `by` says what put on the load."""

    model: str
    accelerator: str
    p99_ms: float
    winner: Trial
    trials: tuple[Trial, ...]
    machine: dict[str, Any]
    by: str

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        return {
            "model": self.model,
            "accelerator": self.accelerator,
            "p99_ms": self.p99_ms,
            "winner": self.winner.to_json(),
            "trials": [trial.to_json() for trial in self.trials],
            "machine": self.machine,
            "by": self.by,
        }


def recorded(model: str, accelerator: str, folder: Path = RECORDED) -> dict[str, Any] | None:
    """Return the recorded curve of a model on an accelerator, if there is one."""
    path = place(model, accelerator, folder)
    if not path.exists():
        return None
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def place(model: str, accelerator: str, folder: Path = RECORDED) -> Path:
    """Return where a model's curve is recorded."""
    return folder / f"{model}-{accelerator}.json"


def write(curve: Curve, path: Path) -> None:
    """Write a curve so that people can read it too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(curve.to_json(), indent=1) + "\n", encoding="utf-8")


def judge(
    curve: Curve, wanted: SearchOptions, before: dict[str, Any] | None
) -> tuple[Verdict, Verdict]:
    """Return whether the winner keeps the objective, and whether it serves what it once did.

    Args:
        curve: What was found.
        wanted: The row's objective and bound.
        before: The recorded curve, or None.
    """
    found = curve.winner
    kept = found.p99_ms <= wanted.p99_ms
    words = f"{found.throughput:.1f} a second at p99 {found.p99_ms:.2f} ms"
    objective = Verdict(
        "search_p99_ms",
        {"threshold": wanted.p99_ms},
        kept,
        f"best of {len(curve.trials)} trials: {words}"
        if kept
        else f"no configuration keeps p99 within {wanted.p99_ms:g} ms; nearest: {words}",
    )
    worse, said = _regression(curve, before, wanted.max_regression)
    goal = {"max_regression": wanted.max_regression}
    return objective, Verdict("search_throughput", goal, not worse, said)


def _regression(curve: Curve, before: dict[str, Any] | None, share: float) -> tuple[bool, str]:
    now = curve.winner.throughput
    if before is None:
        return False, (
            f"{now:.1f} a second, nothing recorded to compare with: record it by"
            f" `python -m model_build search {curve.model} --record`"
        )
    for key in ("machine", "by"):
        if before[key] != getattr(curve, key):
            return False, f"{now:.1f} a second, not compared: recorded with {key} {before[key]}"
    recorded_ = float(before["winner"]["throughput"])
    least = recorded_ * (1 - share)
    if now < least:
        return True, (
            f"throughput fell to {now:.1f} a second, from the recorded {recorded_:.1f}: more than"
            f" {share:.0%} (at least {least:.1f})"
        )
    return False, f"{now:.1f} a second, recorded {recorded_:.1f} (at least {least:.1f})"
