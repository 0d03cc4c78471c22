"""Measure every system on every shape, in interleaved blocks of one process."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.gpu import decoders, encoders
from benchmarks.gpu.shapes import OUTPUT_TOKENS, Shape, build
from model_build.measure import interleaved, percentile

Table = np.ndarray[Any, Any]
Say = Callable[[str], None]
Result = dict[str, list[dict[str, Any]]]
BASE = "eager-fp32"
SECONDS = 4.0


@dataclass(frozen=True)
class Row:
    """One system on one shape; `likeness` is to eager in float32: equal tokens, or mean cosine."""

    model: str
    batch: int
    system: str
    p50_ms: float
    p99_ms: float
    per_second: float
    speedup: float
    likeness: float
    samples: int


@dataclass(frozen=True)
class Skipped:
    """A system that was not measured, and why."""

    model: str
    batch: int
    system: str
    reason: str


def measure(
    names: Sequence[str],
    batches: Sequence[int],
    device: str,
    *,
    tiny: bool = False,
    seconds: float = SECONDS,
    systems: Sequence[str] = (),
    say: Say = print,
    keep: Callable[[Result], None] = lambda _: None,
) -> Result:
    """Return `rows` and `skipped`.

    Args:
        names: Shapes, of `benchmarks.gpu.shapes.MODELS`.
        batches: Texts in a call.
        device: `cuda` or `cpu`.
        tiny: Small layers, to try the code.
        seconds: How long one shape and batch are measured, over all systems.
        systems: Only these; default: all.
        say: Prints a line.
        keep: Takes what there is after each shape and batch: a later one may end the process.
    """
    rows: list[Row] = []
    skipped: list[Skipped] = []
    for name in names:
        shape = build(name, tiny=tiny)
        for size in batches:
            with tempfile.TemporaryDirectory(prefix="slipway-gpu-") as scratch:
                calls = _ready(shape, size, device, Path(scratch), systems, skipped, say)
                rows += _measured(shape, size, calls, seconds)
            for row in rows[-len(calls) :]:
                say(f"{row.model} batch {row.batch} {row.system}: p50 {row.p50_ms:.2f} ms,"
                    f" {row.speedup:.1f}x eager, likeness {row.likeness:.4f}")  # fmt: skip
            keep(_result(rows, skipped))
    return _result(rows, skipped)


def _result(rows: list[Row], skipped: list[Skipped]) -> Result:
    return {"rows": [asdict(r) for r in rows], "skipped": [asdict(s) for s in skipped]}


def _ready(
    shape: Shape, size: int, device: str, scratch: Path, wanted: Sequence[str],
    skipped: list[Skipped], say: Say,
) -> dict[str, Callable[[], Table]]:  # fmt: skip
    known = decoders.SYSTEMS if shape.generates else encoders.SYSTEMS
    calls = {}
    for system, maker in known.items():
        if system != BASE and system not in (wanted or known):
            continue
        folder = scratch / system
        folder.mkdir()
        try:
            call = maker(shape, size, device, folder)
            call()  # compiles, and shows whether it runs at all
            calls[system] = call
        except Exception as error:  # a system that is not here must not stop the others
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            skipped.append(Skipped(shape.name, size, system, reason))
            say(f"{shape.name} batch {size} {system}: skipped: {reason}")
    return calls


def _measured(
    shape: Shape, size: int, calls: dict[str, Callable[[], Table]], seconds: float
) -> list[Row]:
    samples = interleaved(calls, seconds=seconds)
    expected = calls[BASE]()
    base = median(samples[BASE])
    each = OUTPUT_TOKENS if shape.generates else 1
    rows = []
    for system, values in samples.items():
        p50 = median(values)
        rate = 1e3 * size * each / p50
        like = likeness(shape, expected, calls[system]())
        rows.append(
            Row(shape.name, size, system, round(p50, 4), round(percentile(values, 99), 4),
                round(rate, 1), round(base / p50, 3), round(like, 6), len(values))
        )  # fmt: skip
    return rows


def likeness(shape: Shape, expected: Table, made: Table) -> float:
    """Return the share of equal tokens, or the mean cosine of vectors; NaN where none compares."""
    if expected.shape != made.shape:
        return float("nan")
    if shape.generates:
        return float((expected == made).mean())
    return float((expected * made).sum(axis=1).mean())
