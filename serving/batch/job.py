"""All shards of one machine: skip what is done, score the rest, mark each as done last.

Invariants: `done/KEY.json` exists only if the shard's outputs are whole; a run of another artifact
never writes into the same output.
"""

import json
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from serving.batch import scoring
from serving.batch.settings import Settings
from serving.batch.shard import BadShard, Counts, score_shard
from serving.batch.stores import Store
from serving.runtime.digest import sha256_of

PROGRESS_SECONDS = 10.0

logger = logging.getLogger("slipway.batch")


class OtherRun(Exception):
    """The output belongs to another artifact."""


@dataclass
class Progress:
    """Says how far the run is, now and then."""

    shards: int
    shards_done: int = 0
    pairs: int = 0
    worker_peak_mb: float = 0.0
    started: float = field(default_factory=time.monotonic)
    _said: float = 0.0

    def add(self, result: scoring.Scored) -> None:
        """Count a chunk."""
        self.pairs += Counts.of(result).pairs
        self.worker_peak_mb = max(self.worker_peak_mb, result.peak_mb)
        now = time.monotonic()
        if now - self._said >= PROGRESS_SECONDS:
            self._said = now
            self.say("progress", pairs_per_second=round(self.pairs / (now - self.started), 1))

    def say(self, event: str, **more: Any) -> None:
        """Log one line of JSON."""
        told = {"event": event, "shards": self.shards, "shards_done": self.shards_done}
        logger.info(json.dumps(told | {"pairs": self.pairs} | more))


def run(settings: Settings, model: Path, source: Store, target: Store) -> dict[str, Any]:
    """Score this machine's shards and publish the summary, which is returned.

    Args:
        settings: The run's settings.
        model: The compiled model directory.
        source: Where the shards are.
        target: Where the scores go.

    Raises:
        OtherRun: The output holds shards that another artifact scored.
        BrokenProcessPool: A worker died.
    """
    mine = source.shards()[settings.array_index :: settings.array_size]
    progress = Progress(len(mine))
    total = Counts()
    refused: dict[str, str] = {}
    with _workers(settings.workers, model) as pool, TemporaryDirectory() as scratch:
        for key in mine:
            version = source.version(key)
            done = _done(target, key, version, settings)
            if done is None:
                done = _score(key, version, settings, source, target, pool, Path(scratch), progress)
            total.add(Counts(**done["counts"]))
            refused |= {key: done["refused"]} if "refused" in done else {}
            progress.shards_done += 1
            progress.say("shard", key=key)
        summary = _summary(settings, total, refused, progress)
        path = Path(scratch) / "summary.json"
        path.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        target.publish(path, f"summary-{settings.array_index}.json")
    return summary


@contextmanager
def _workers(count: int, model: Path) -> Iterator[ProcessPoolExecutor]:
    # Spawned, not forked: an engine's threads do not survive a fork.
    pool = ProcessPoolExecutor(
        count, get_context("spawn"), scoring.start, (str(model), os.getpid())
    )
    wait = True
    try:
        yield pool
    except BrokenProcessPool:
        wait = False  # Pythons before 3.11.6 may wait for ever, such as Debian 12's
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)


def _done(target: Store, key: str, version: str, settings: Settings) -> dict[str, Any] | None:
    """Return what the shard's marker says, or None if the shard is still to be scored."""
    data = target.read(_marker(key))
    if data is None:
        return None
    marker: dict[str, Any] = json.loads(data)
    if marker["artifact"] != settings.artifact_sha256:
        raise OtherRun(
            f"{settings.output}: {_marker(key)} was scored by artifact {marker['artifact']}, this"
            f" run has {settings.artifact_sha256}; give another --output"
        )
    return marker if marker["input"] == version else None


def _score(
    key: str,
    version: str,
    settings: Settings,
    source: Store,
    target: Store,
    pool: ProcessPoolExecutor,
    scratch: Path,
    progress: Progress,
) -> dict[str, Any]:
    scores, quarantine = scratch / "scores.parquet", scratch / "quarantine.parquet"
    quarantine.unlink(missing_ok=True)
    shard = source.fetch(key, scratch)
    marker: dict[str, Any] = {"artifact": settings.artifact_sha256, "input": version}
    try:
        counts = score_shard(shard, scores, quarantine, pool, settings.workers, progress.add)
    except BadShard as reason:
        marker |= {"refused": str(reason), "counts": asdict(Counts())}
    else:
        marker["counts"] = asdict(counts)
        for folder, path in (("scores", scores), ("quarantine", quarantine)):
            if path.exists():
                target.publish(path, f"{folder}/{key}")
                marker[folder] = _sha256(path)
    done = scratch / "done.json"
    done.write_text(json.dumps(marker, sort_keys=True) + "\n", encoding="utf-8")
    target.publish(done, _marker(key))
    return marker


def _marker(key: str) -> str:
    return f"done/{key}.json"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return sha256_of(stream)


def _summary(
    settings: Settings, total: Counts, refused: dict[str, str], progress: Progress
) -> dict[str, Any]:
    seconds = time.monotonic() - progress.started
    rate = progress.pairs / seconds
    cost = settings.usd_per_hour * 1e6 / (3600 * rate) if rate and settings.usd_per_hour else None
    return {
        "artifact": settings.artifact_sha256,
        "shards": progress.shards,
        "refused": refused,
        **asdict(total),
        "this_run": {
            "pairs": progress.pairs,
            "seconds": round(seconds, 3),
            "workers": settings.workers,
            "pairs_per_second": round(rate, 1),
            "pairs_per_second_per_worker": round(rate / settings.workers, 1),
            "main_peak_mb": round(scoring.peak_mb(), 1),
            "worker_peak_mb": round(progress.worker_peak_mb, 1),
            "usd_per_million": None if cost is None else round(cost, 4),
        },
    }
