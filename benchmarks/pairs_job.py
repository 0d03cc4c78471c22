"""The batch job's own processes: run on shards of made-up titles, for its speed and its memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from catalog import digest
from catalog.load import load_models
from model_build.data import products
from model_build.package import package
from serving.batch.shard import pq

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 100_000
DIFFERENT = 5000
SMALL = 10_000
FLAT = 1.25
tiny: Any = import_module("tests.serving.tiny")  # tests are not checked strictly


def run(
    archive: Path, shards: Path, out: Path, workers: int, cores: set[int] | None = None
) -> dict[str, Any]:
    """Run the job to its end and return its summary.

    Args:
        archive: The model's.
        shards: The folder of the input.
        out: The folder of the output.
        workers: Processes that score.
        cores: The only ones that the job may use, its main process too; default: all.
    """
    command = [sys.executable, "-m", "serving.batch", "--workers", str(workers)]
    command += ["--input", str(shards), "--output", str(out), "--artifact", str(archive)]
    command += ["--artifact-sha256", digest.of_file(archive)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=partial(os.sched_setaffinity, 0, cores) if cores else None,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def shard(folder: Path, pairs: Iterable[tuple[str, str]], count: int) -> Path:
    """Write one shard of so many pairs, row group by row group; return its folder."""
    folder.mkdir()
    schema = pa.schema([("left", pa.string()), ("right", pa.string())])
    left_over = iter(pairs)
    with pq.ParquetWriter(folder / "pairs.parquet", schema) as file:
        for start in range(0, count, AT_ONCE):
            left, right = zip(*islice(left_over, min(AT_ONCE, count - start)), strict=True)
            file.write_table(pa.table([list(left), list(right)], schema=schema))
    return folder


def memory_is_flat(folder: Path, most: int) -> bool:
    """Print the job's memory at ten thousand pairs and at `most`; return whether it is the same.

    The model is a small one, whose own memory hides nothing.
    """
    model = tiny.halves(folder / "tiny", "duplicates", products.PAIR_LABELS)
    spec = load_models()["duplicates"]
    archive = package(spec, spec.target("cpu"), model, folder / "tiny")
    pairs = [(pair.left, pair.right) for pair in products.pairs("train", DIFFERENT)]
    peaks = {}
    print("\n| pairs | main MB | worker MB | pairs/s |\n| --- | --- | --- | --- |")
    for count in (SMALL, most):
        shards = shard(folder / f"in-{count}", cycle(pairs), count)
        told = run(archive, shards, folder / f"out-{count}", workers=2)
        found = told["this_run"]
        peaks[count] = found["main_peak_mb"] + found["worker_peak_mb"]
        cells = (
            count, found["main_peak_mb"], found["worker_peak_mb"], found["pairs_per_second"],
        )  # fmt: skip
        print("| " + " | ".join(f"{cell:,}" for cell in cells) + " |", flush=True)
    ratio: float = peaks[most] / peaks[SMALL]
    verdict = "met" if ratio <= FLAT else "MISSED"
    print(f"\n{verdict}: memory at {most:,} pairs over {SMALL:,}: {ratio:.2f}x (at most {FLAT})")
    return ratio <= FLAT
