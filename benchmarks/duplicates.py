"""Duplicates: the batch job against eager FP32 PyTorch, one pair at a time; and its memory.

`python -m benchmarks.duplicates [--artifact FILE] [--pairs N] [--memory N] [--seconds S]`

Speed is of one core: the job's worker, chunk by chunk, and eager PyTorch take turns. Decisions are
compared on validation and golden pairs. Memory is that of the job's processes, from 10 thousand
pairs to `--memory`, with a small model, whose own memory hides nothing. Exits with 1 where a target
is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.table import heading, target
from catalog import digest
from catalog.load import load_models, load_prices
from model_build.compilers import COMPILERS
from model_build.data import products
from model_build.gates.speed import torch_threads
from model_build.measure import interleaved
from model_build.package import package
from model_build.sources import load_source
from serving.batch import scoring
from serving.batch.shard import CHUNK, pq

ROOT = Path(__file__).resolve().parent.parent
SPEED, AGREEMENT, AUC_APART, FLAT = 6.7, 0.995, 0.002, 1.25
SMALL = 10_000
ONE_BY_ONE = 64
tiny: Any = import_module("tests.serving.tiny")  # tests are not checked strictly


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates", description=__doc__)
    parser.add_argument("--artifact", type=Path, help="the archive (default: compile the row)")
    parser.add_argument("--pairs", type=int, default=2000, help="compared (default: 2000)")
    parser.add_argument("--memory", type=int, default=5_000_000, help="default: 5 million")
    parser.add_argument("--seconds", type=float, default=20, help="of the speed test (default: 20)")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch, torch_threads(1):
        folder = Path(scratch)
        archive = options.artifact or compiled(folder)
        verdicts = [*_speed(archive, folder, options.pairs, options.seconds)]
        verdicts += _memory(folder, options.memory)
    return 0 if all(verdicts) else 1


def compiled(folder: Path) -> Path:
    """Compile and package the row as the build does."""
    spec = load_models()["duplicates"]
    row = spec.target("cpu")
    made = COMPILERS["cpu"].compile(spec, row, load_source(spec, ROOT), folder / "compiled")
    return package(spec, row, made.directory, folder)


def _speed(archive: Path, folder: Path, count: int, seconds: float) -> list[bool]:
    with tarfile.open(archive) as opened:
        opened.extractall(folder / "served", filter="data")
    (found,) = (folder / "served").rglob("model.json")
    scoring.start(str(found.parent), os.getppid())
    half = count // 2
    made = products.pairs("golden", half) + products.pairs("validation", count - half)
    pairs = [(pair.left, pair.right) for pair in made]
    truth = np.array([pair.label == "duplicate" for pair in made])
    spec = load_models()["duplicates"]
    source = load_source(spec, ROOT)
    eager = _probabilities(source.predict(pairs))
    left, right = _columns(pairs)
    job = scoring.score(left, right)
    agreement = float((job.decisions == (eager > 0.5)).mean())
    apart = abs(roc_auc_score(truth, job.scores) - roc_auc_score(truth, eager))
    one = cycle(pairs)
    full = _columns(list(islice(cycle(pairs), CHUNK)))
    samples = interleaved(
        {
            "eager": lambda: [source.predict([pair]) for pair in islice(one, ONE_BY_ONE)],
            "job": lambda: scoring.score(*full),
        },
        seconds=seconds,
        block=1,
        minimum=3,
        warmup=1,
    )
    slow = 1e3 * ONE_BY_ONE / median(samples["eager"])
    fast = 1e3 * CHUNK / median(samples["job"])
    usd = load_prices().usd_per_hour(spec.target("cpu").instance)
    print(heading("Duplicates", f"one core each; {count} pairs compared, chunks of {CHUNK}"))
    print("| system | pairs/s per core | USD per million, one core of the instance used |")
    print("| --- | --- | --- |")
    for name, rate in (("eager FP32, one by one", slow), ("the job", fast)):
        print(f"| {name} | {rate:.1f} | {usd * 1e6 / 3600 / rate:.3f} |")
    lines = (
        target("the job over eager, pairs/s per core", fast / slow, SPEED),
        target("decisions equal to eager's", agreement, AGREEMENT),
        target("1 - difference of AUC", 1 - apart, 1 - AUC_APART),
    )
    print("\n" + "\n".join(line for line, _ in lines))
    return [met for _, met in lines]


def _memory(folder: Path, most: int) -> list[bool]:
    model = tiny.encoder(folder / "tiny", "duplicates", "pair-classification", products.PAIR_LABELS)
    spec = load_models()["duplicates"]
    archive = package(spec, spec.target("cpu"), model, folder / "tiny")
    peaks = {}
    print("\n| pairs | main MB | worker MB | pairs/s |\n| --- | --- | --- | --- |")
    for count in (SMALL, most):
        told = _run(archive, _shard(folder / f"in-{count}", count), folder / f"out-{count}")
        run = told["this_run"]
        peaks[count] = run["main_peak_mb"] + run["worker_peak_mb"]
        cells = (count, run["main_peak_mb"], run["worker_peak_mb"], run["pairs_per_second"])
        print("| " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    ratio = peaks[most] / peaks[SMALL]
    met = ratio <= FLAT
    verdict = "met" if met else "MISSED"
    print(f"\n{verdict}: memory at {most:,} pairs over {SMALL:,}: {ratio:.2f}x (at most {FLAT})")
    return [met]


def _run(archive: Path, shards: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "serving.batch", "--workers", "2"]
    command += ["--input", str(shards), "--output", str(out), "--artifact", str(archive)]
    command += ["--artifact-sha256", digest.of_file(archive)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _shard(folder: Path, count: int) -> Path:
    """Write one shard of made-up titles, row group by row group."""
    folder.mkdir()
    pairs = [(pair.left, pair.right) for pair in products.pairs("train", 5000)]
    schema = pa.schema([("left", pa.string()), ("right", pa.string())])
    with pq.ParquetWriter(folder / "pairs.parquet", schema) as file:
        for start in range(0, count, 100_000):
            rows = list(islice(cycle(pairs), min(100_000, count - start)))
            left, right = zip(*rows, strict=True)
            file.write_table(pa.table([list(left), list(right)], schema=schema))
    return folder


def _columns(pairs: Sequence[tuple[str, str]]) -> tuple[list[bytes], list[bytes]]:
    left, right = zip(*pairs, strict=True)
    return [text.encode() for text in left], [text.encode() for text in right]


def _probabilities(rows: Sequence[Any]) -> NDArray[np.float32]:
    return np.asarray(np.stack(rows)[:, 1])


if __name__ == "__main__":
    sys.exit(main())
