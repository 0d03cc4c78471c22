"""Drift: how often it is called where there is none, and how soon where there is some.

`python -m benchmarks.drift [--compiled FOLDER] [--out FOLDER] [--runs N]`: three minutes, and as
much again where models have to be compiled first.

No drift: golden questions are split at random into a baseline and a window, again and again; every
alarm is false. Drift: a share of the window's questions is replaced by shifted ones; drift is found
if one of two hourly runs calls it. Baselines here are half as large as real ones, so real runs find
drift a little sooner. Writes drift.json and drift.svg; the status is 1 where a target is missed.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.drift_plot import curves
from benchmarks.drift_shifts import shifts_of
from benchmarks.table import heading
from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build import golden
from model_build.baseline import captured_rows
from model_build.compilers import COMPILERS
from model_build.key import compile_key
from model_build.sources import load_source
from serving.drift.features import Table
from serving.drift.judge import RUNS_PER_MONTH, judge
from serving.drift.reference import Reference, make
from serving.runtime import load

ROOT = Path(__file__).resolve().parent.parent
COMPILED = ROOT / ".slipway" / "compiled"  # by key: a second run compiles nothing
MOST, WINDOW, HOURS = 400, 200, 2
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
REPEATS = 20
DETECTED = 0.95  # of the repeats, at full shift


@dataclass(frozen=True)
class Curve:
    """One model and shift: the share of repeats in which two hours sufficed, by shifted share."""

    model: str
    shift: str
    records_per_hour: int
    shares: tuple[float, ...]
    detected: tuple[float, ...]


@dataclass(frozen=True)
class FalseAlarms:
    """How often a window of the baseline's own kind was called drifted; `bound` is at 95 %."""

    model: str
    runs: int
    alarms: int
    rate: float
    bound: float


class Lab:
    """One model's questions and their features, with and without shifts."""

    def __init__(self, spec: ModelSpec, compiled: Path) -> None:
        """Answer the golden set."""
        self.name, self._spec = spec.name, spec
        self._golden = golden.load(spec.gates.golden)
        self._model = load(compiled)
        tokenizer = compiled / "tokenizer.json"
        words = tokenizer.read_text() if tokenizer.exists() else ""
        rows = self._rows(self._golden.inputs)
        labels = self._model.description.labels
        self._reference: Reference = make(
            spec.name, spec.task, rows, labels=labels, tokenizer=words
        )
        self.half = self._reference.table.rows // 2
        self.window = min(WINDOW, self.half)

    def false_alarms(self, runs: int) -> FalseAlarms:
        """Count alarms where nothing moved."""
        random, table = np.random.default_rng(1), self._reference.table
        alarms = 0
        for _ in range(runs):
            order = random.permutation(table.rows)
            now = table.take(order[self.half : self.half + self.window])
            alarms += judge(table.take(order[: self.half]), now).state == "drifted"
        bound = binomtest(alarms, runs).proportion_ci(0.9).high  # one-sided 95 %
        return FalseAlarms(self.name, runs, alarms, alarms / runs, float(bound))

    def curve(self, shift: str) -> Curve:
        """Measure how often a shift is found, by the share of traffic that it takes."""
        changed = shifts_of(self._spec.task)[shift](self._golden)
        moved = self._reference.seen(self._rows(changed))
        found = tuple(self._detected(moved, share) for share in SHARES)
        return Curve(self.name, shift, self.window, SHARES, found)

    def _detected(self, moved: Table, share: float) -> float:
        random, table = np.random.default_rng(2), self._reference.table
        count = round(share * self.window)
        hits = 0
        for _ in range(REPEATS):
            order = random.permutation(table.rows)
            reference, rest = table.take(order[: self.half]), order[self.half :]
            for _hour in range(HOURS):
                picked = random.permutation(rest)[: self.window]
                now = _joined(table.take(picked[count:]), moved.take(picked[:count]))
                if judge(reference, now).state == "drifted":
                    hits += 1
                    break
        return hits / REPEATS

    def _rows(self, inputs: Sequence[Any]) -> Any:
        count = min(len(inputs), MOST)
        picked = [inputs[place * len(inputs) // count] for place in range(count)]
        answers = [self._model.predict([item])[0] for item in picked]
        return captured_rows(self._model.description, picked, answers)


def _joined(left: Table, right: Table) -> Table:
    return Table(
        {n: np.concatenate([v, right.numbers[n]]) for n, v in left.numbers.items()},
        {n: v + right.categories[n] for n, v in left.categories.items()},
        {n: np.concatenate([v, right.vectors[n]]) for n, v in left.vectors.items()},
    )


def compiled_model(spec: ModelSpec, given: Path | None) -> Path:
    """Return a compiled model directory: the one given, else one compiled now or before."""
    if given is not None:
        return given / spec.name
    target = spec.target("cpu")
    kept = COMPILED / f"{spec.name}-{compile_key(spec, target, ROOT).digest[:12]}"
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            source = load_source(spec, ROOT)
            made = COMPILERS["cpu"].compile(spec, target, source, Path(scratch)).directory
            shutil.copytree(made, Path(scratch) / "kept")
            (Path(scratch) / "kept").rename(kept)
    return kept


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables, write the files; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--compiled", type=Path, help="MODEL/ directories, instead of compiling")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "drift")
    parser.add_argument("--runs", type=int, default=1_500, help="without drift, for each model")
    parser.add_argument("--only", nargs="*", default=[], help="models; default: all")
    options = parser.parse_args(argv)
    alarms: list[FalseAlarms] = []
    found: list[Curve] = []
    for spec in load_models().values():
        if options.only and spec.name not in options.only:
            continue
        lab = Lab(spec, compiled_model(spec, options.compiled))
        alarms.append(lab.false_alarms(options.runs))
        found += [lab.curve(shift) for shift in shifts_of(spec.task)]
    setting = f"hourly runs of up to {WINDOW} records; target 1 false alarm in {RUNS_PER_MONTH}"
    print(heading("Drift", setting))
    missed = _say(alarms, found)
    options.out.mkdir(parents=True, exist_ok=True)
    document = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "false_alarms": [asdict(item) for item in alarms],
        "detection": [asdict(item) for item in found],
    }
    (options.out / "drift.json").write_text(json.dumps(document, indent=1) + "\n")
    curves(found, options.out / "drift.svg")
    return int(missed)


def _say(alarms: Sequence[FalseAlarms], found: Sequence[Curve]) -> bool:
    total, runs = sum(item.alarms for item in alarms), sum(item.runs for item in alarms)
    print("| model | runs without drift | false alarms | a 30 days | below, at 95 % |")
    print("|---|---|---|---|---|")
    for item in alarms:
        month = (item.rate * RUNS_PER_MONTH, item.bound * RUNS_PER_MONTH)
        print(f"| {item.model} | {item.runs} | {item.alarms} | {month[0]:.2f} | {month[1]:.2f} |")
    print(
        "\n| model | shift | found within 2 h at " + " | ".join(f"{s:.0%}" for s in SHARES) + " |"
    )
    print("|---|---|" + "---|" * len(SHARES))
    for curve in found:
        cells = " | ".join(f"{value:.0%}" for value in curve.detected)
        print(f"| {curve.model} | {curve.shift} | {cells} |")
    late = [f"{c.model}, {c.shift}" for c in found if c.detected[-1] < DETECTED]
    pooled = binomtest(total, runs).proportion_ci(0.9).high * RUNS_PER_MONTH
    rate = total / runs * RUNS_PER_MONTH
    often = [item.model for item in alarms if item.rate * RUNS_PER_MONTH > 1]
    print(
        f"\n{'MISSED' if often else 'met'}: false alarms a model and 30 days: {rate:.2f}, over all"
        f" models below {pooled:.2f} at 95 % (target 1)"
    )
    print(f"{'MISSED: ' + '; '.join(late) if late else 'met'}: whole shifts found within 2 hours")
    return bool(often or late)


if __name__ == "__main__":
    sys.exit(main())
