"""Shards of pairs and the archive of a small model, scored by the job's own process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import digest
from catalog.load import load_models
from model_build.package import package
from tests.serving import tiny

ROOT = Path(__file__).resolve().parents[3]
LABELS = ("different", "duplicate")
Start = Callable[..., subprocess.Popen]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("duplicates") / "compiled"
    return tiny.encoder(folder, "duplicates", "pair-classification", LABELS)


@pytest.fixture(scope="session")
def archive(compiled: Path) -> Path:
    spec = load_models()["duplicates"]
    return package(spec, spec.target("cpu"), compiled, compiled.parent)


@pytest.fixture
def start(archive: Path) -> Iterator[Start]:
    """Start the job with options; those of the archive are given."""
    started = []

    def launch(*options: object, **variables: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "serving.batch", *map(str, options)]
        given = {
            "SLIPWAY_ARTIFACT": str(archive),
            "SLIPWAY_ARTIFACT_SHA256": digest.of_file(archive),
            "SLIPWAY_WORKERS": "2",
        }
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | given | variables, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield launch
    for process in started:
        process.kill()
        process.communicate()


def write_shard(path: Path, rows: int, seed: int = 0, **columns: list) -> Path:
    """Write a shard of made-up pairs; `columns` replace or add some."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = tiny.WORDS
    left = [
        " ".join(words[(seed + i + k) % len(words)] for k in range(1 + i % 7)) for i in range(rows)
    ]
    right = [" ".join(reversed(text.split())) + words[i % 5] for i, text in enumerate(left)]
    table = {"left": left, "right": right} | columns
    pq.write_table(pa.table(table), path)
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file but the summary, which holds times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("summary-")
    }
