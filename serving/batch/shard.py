"""One shard: read as a stream, scored chunk by chunk, written as a stream, published whole.

Memory does not depend on the shard's size: at most `AHEAD` chunks per worker are under way. Chunks
come back in the order of rows, so the bytes do not depend on the number of workers.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from serving.batch.scoring import Scored, score

pq: Any = import_module("pyarrow.parquet")  # half typed: strict checks refuse its methods

CHUNK = 2048
AHEAD = 2
# A file keeps a few kilobytes about each of its row groups until it is closed.
ROW_GROUP = 32 * CHUNK
TEXTS = ("left", "right")
# Read a column in pieces rather than a whole row group, which may be the whole shard.
_READ_BUFFER = 1 << 20

Chunk = tuple[pa.Array, list[bytes | None], list[bytes | None]]  # ids, left and right texts


class BadShard(Exception):
    """A shard as a whole cannot be scored; the message is the reason."""


@dataclass
class Counts:
    """What a shard came to."""

    pairs: int = 0
    scored: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def add(self, other: "Counts") -> None:
        """Add another's numbers."""
        self.pairs += other.pairs
        self.scored += other.scored
        self.duplicates += other.duplicates
        self.quarantined += other.quarantined

    @staticmethod
    def of(result: Scored) -> "Counts":
        """Return a chunk's."""
        scored, bad = len(result.kept), len(result.bad)
        return Counts(scored + bad, scored, int(result.decisions.sum()), bad)


def score_shard(
    shard: Path,
    scores: Path,
    quarantine: Path,
    pool: Executor,
    workers: int,
    progress: Callable[[Scored], None],
) -> Counts:
    """Score a shard into two files; the quarantine file is made only if a row is bad.

    Args:
        shard: The Parquet file.
        scores: Where its scores go.
        quarantine: Where its bad rows go.
        pool: Processes that have run `scoring.start`.
        workers: How many they are.
        progress: Is told of each chunk.

    Raises:
        BadShard: It is no Parquet file, or lacks a column.
    """
    try:
        file = pq.ParquetFile(shard, buffer_size=_READ_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise BadShard(f"is no Parquet file ({error})") from error
    with file:
        id_type = _id_type(file.schema_arrow)
        files = _Files(scores, quarantine, id_type)
        counts = Counts()
        try:
            for ids, result in _scored(_chunks(file), pool, workers):
                files.write(ids, counts.pairs, result)
                counts.add(Counts.of(result))
                progress(result)
        finally:
            files.close()
    return counts


def _id_type(schema: pa.Schema) -> pa.DataType:
    for name in TEXTS:
        if name not in schema.names:
            raise BadShard(f"has no column {name!r}; it has {', '.join(schema.names) or 'none'}")
        kind = schema.field(name).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise BadShard(f"column {name!r} is of type {kind}, not string")
    return schema.field("id").type if "id" in schema.names else pa.int64()


def _chunks(file: Any) -> Iterator[Chunk]:
    names = file.schema_arrow.names
    columns = [name for name in ("id", *TEXTS) if name in names]
    first = 0
    try:
        for batch in file.iter_batches(batch_size=CHUNK, columns=columns, use_threads=False):
            rows = range(first, first + batch.num_rows)
            ids = batch.column("id") if "id" in names else pa.array(rows, pa.int64())
            left, right = (batch.column(name).cast(pa.binary()).to_pylist() for name in TEXTS)
            yield ids, left, right
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise BadShard(f"cannot be read after row {first} ({error})") from error


def _scored(
    chunks: Iterator[Chunk], pool: Executor, workers: int
) -> Iterator[tuple[pa.Array, Scored]]:
    waiting: deque[tuple[pa.Array, Future[Scored]]] = deque()
    for ids, left, right in chunks:
        waiting.append((ids, pool.submit(score, left, right)))
        if len(waiting) > AHEAD * workers:
            done, future = waiting.popleft()
            yield done, future.result()
    while waiting:
        done, future = waiting.popleft()
        yield done, future.result()


class _Files:
    """The two outputs; equal rows in equal chunks give equal bytes."""

    def __init__(self, scores: Path, quarantine: Path, id_type: pa.DataType) -> None:
        self._scores_schema = pa.schema(
            [("id", id_type), ("score", pa.float32()), ("duplicate", pa.bool_())]
        )
        self._bad_schema = pa.schema(
            [("row", pa.int64()), ("id", id_type), ("reason", pa.string())]
        )
        self._scores = pq.ParquetWriter(scores, self._scores_schema)
        self._group: list[pa.Table] = []
        self._quarantine = quarantine
        self._bad: Any = None

    def write(self, ids: pa.Array, first: int, result: Scored) -> None:
        """Add a chunk whose first row is `first` in the shard."""
        columns = [ids.take(pa.array(result.kept)), result.scores, result.decisions]
        self._group.append(pa.table(columns, schema=self._scores_schema))
        if sum(map(len, self._group)) >= ROW_GROUP:
            self._write_group()
        if not result.bad:
            return
        if self._bad is None:
            self._bad = pq.ParquetWriter(self._quarantine, self._bad_schema)
        rows = np.array([row for row, _ in result.bad], dtype=np.int64)
        reasons = [reason for _, reason in result.bad]
        bad = pa.table([rows + first, ids.take(pa.array(rows)), reasons], schema=self._bad_schema)
        self._bad.write_table(bad)

    def close(self) -> None:
        """Finish both files."""
        self._write_group()
        self._scores.close()
        if self._bad is not None:
            self._bad.close()

    def _write_group(self) -> None:
        if self._group:
            self._scores.write_table(pa.concat_tables(self._group), row_group_size=2 * ROW_GROUP)
            self._group.clear()
