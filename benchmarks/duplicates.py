"""Duplicates: the batch job against eager FP32 PyTorch, one pair at a time; and its memory.

`python -m benchmarks.duplicates [--artifact FILE] [--pairs N] [--memory N] [--seconds S]`

Speed is of one core. Chunks of titles that are all different take turns with eager PyTorch; a chunk
in which each title is in sixteen pairs, as candidates of a search are, shows what reading each
title once is worth, and is not judged. Then the whole job, Parquet to Parquet, runs on one core.
Decisions are compared on validation and golden pairs, which training never saw. Memory is that of
the job's processes, from 10 thousand pairs to `--memory`. Exits with 1 where a target is missed.
"""

import argparse
import os
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks import pairs_job
from benchmarks.table import heading
from catalog.load import load_models, load_prices
from model_build.compilers import COMPILERS
from model_build.data import products
from model_build.gates.speed import torch_threads
from model_build.measure import interleaved
from model_build.package import package
from model_build.sources import Source, load_source
from serving.batch import scoring
from serving.batch.shard import CHUNK
from serving.runtime.archive import unpack

SPEED, AGREEMENT, AUC_APART = 6.7, 0.995, 0.002
ONE_BY_ONE, TOGETHER = 32, 128
REPEATED = 8
WHOLE = 20_000
EAGER = "eager FP32, one by one"
Pair = tuple[str, str]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates", description=__doc__)
    parser.add_argument("--artifact", type=Path, help="the archive (default: compile the row)")
    parser.add_argument("--pairs", type=int, default=8000, help="compared (default: 8000)")
    parser.add_argument(
        "--memory", type=int, default=5_000_000, help="pairs (default: 5 million), 0: none"
    )
    parser.add_argument("--seconds", type=float, default=40, help="of the speed test (default: 40)")
    options = parser.parse_args(argv)
    spec = load_models()["duplicates"]
    source = load_source(spec, pairs_job.ROOT)
    with tempfile.TemporaryDirectory() as scratch, torch_threads(1):
        folder = Path(scratch)
        archive = options.artifact or compiled(source, folder)
        with tarfile.open(archive) as opened:
            unpack(opened, folder / "served")
        (found,) = (folder / "served").rglob("model.json")
        scoring.start(str(found.parent), os.getppid())
        print(heading("Duplicates", f"one core; chunks of {CHUNK} pairs"), flush=True)
        rates = _rates(source, options.seconds)
        rates["the whole job, Parquet to Parquet"] = _whole(archive, folder)
        verdicts = [_fast(rates), *_equal(source, options.pairs)]
        if options.memory:
            verdicts.append(pairs_job.memory_is_flat(folder, options.memory))
    return 0 if all(verdicts) else 1


def compiled(source: Source, folder: Path) -> Path:
    """Compile and package the row as the build does."""
    spec = load_models()["duplicates"]
    row = spec.target("cpu")
    made = COMPILERS["cpu"].compile(spec, row, source, folder / "compiled")
    return package(spec, row, made.directory, folder)


def _rates(source: Source, seconds: float) -> dict[str, float]:
    """Return pairs per second of what takes turns on this core."""
    different = _titles(products.pairs("golden", CHUNK))
    titles = [pair[0] for pair in different[: CHUNK // REPEATED]]
    repeated = [
        (title, titles[(place + step) % len(titles)])
        for step in range(1, REPEATED + 1)
        for place, title in enumerate(titles)
    ]
    one, together = cycle(different), cycle(different)
    chunks = {"different": _columns(different), "repeated": _columns(repeated)}
    calls = {
        EAGER: lambda: [source.predict([pair]) for pair in islice(one, ONE_BY_ONE)],
        "eager FP32, 32 at a time": lambda: source.predict(list(islice(together, TOGETHER))),
        "the job's worker": lambda: scoring.score(*chunks["different"]),
        f"the same, each title in {2 * REPEATED} places": lambda: scoring.score(
            *chunks["repeated"]
        ),
    }
    counts = (ONE_BY_ONE, TOGETHER, CHUNK, CHUNK)
    samples = interleaved(calls, seconds=seconds, block=1, minimum=3, warmup=1)
    return {
        name: 1e3 * count / median(samples[name]) for name, count in zip(calls, counts, strict=True)
    }


def _whole(archive: Path, folder: Path) -> float:
    """Return pairs per second of a run of the job on one core, start and end included."""
    shards = pairs_job.shard(folder / "whole", _titles(products.pairs("train", WHOLE)), WHOLE)
    core = {min(os.sched_getaffinity(0))}
    told = pairs_job.run(archive, shards, folder / "whole-out", workers=1, cores=core)
    rate: float = told["this_run"]["pairs_per_second"]
    return rate


def _fast(rates: Mapping[str, float]) -> bool:
    spec = load_models()["duplicates"]
    row = spec.target("cpu")
    usd = load_prices().usd_per_hour(row.instance)
    print(f"| system | pairs/s | over eager | USD per million, one core of {row.instance} used |")
    print("| --- | --- | --- | --- |")
    for name, rate in rates.items():
        cost = usd * 1e6 / 3600 / rate
        print(f"| {name} | {rate:.1f} | {rate / rates[EAGER]:.2f}x | {cost:.3f} |")
    least = min(rates[name] for name in ("the job's worker", "the whole job, Parquet to Parquet"))
    ratio = least / rates[EAGER]
    return _judge(ratio >= SPEED, f"pairs/s per core {ratio:.2f}x eager's (at least {SPEED})")


def _equal(source: Source, count: int) -> list[bool]:
    """Compare decisions and AUC on pairs that training never saw."""
    half = count // 2
    made = products.pairs("golden", half) + products.pairs("validation", count - half)
    pairs = _titles(made)
    truth = np.array([pair.label == "duplicate" for pair in made])
    eager = _probabilities(source.predict(pairs))
    job = scoring.score(*_columns(pairs))
    agreement = float((job.decisions == (eager > 0.5)).mean())
    aucs = roc_auc_score(truth, eager), roc_auc_score(truth, job.scores)
    right = [float((found == truth).mean()) for found in (eager > 0.5, job.decisions)]
    print(
        f"\n{count} pairs: AUC {aucs[0]:.5f} eager, {aucs[1]:.5f} the job;"
        f" accuracy {right[0]:.4f} and {right[1]:.4f}"
    )
    apart = abs(aucs[0] - aucs[1])
    return [
        _judge(agreement >= AGREEMENT, f"{agreement:.4f} decide as eager (at least {AGREEMENT})"),
        _judge(apart <= AUC_APART, f"AUC apart by {apart:.5f} (at most {AUC_APART})"),
    ]


def _judge(met: bool, words: str) -> bool:
    print(f"{'met' if met else 'MISSED'}: {words}", flush=True)
    return met


def _titles(made: Sequence[products.Pair]) -> list[Pair]:
    return [(pair.left, pair.right) for pair in made]


def _columns(pairs: Sequence[Pair]) -> tuple[list[bytes], list[bytes]]:
    left, right = zip(*pairs, strict=True)
    return [text.encode() for text in left], [text.encode() for text in right]


def _probabilities(rows: Sequence[Any]) -> NDArray[np.float32]:
    return np.asarray(np.stack(rows)[:, 1])


if __name__ == "__main__":
    sys.exit(main())
