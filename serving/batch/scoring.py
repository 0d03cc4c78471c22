"""The worker processes: a chunk of pairs in, scores and what is wrong with bad rows out.

Law: equal chunks give equal bytes, whichever process scores them and whenever.
"""

import ctypes
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serving.batch.answers import answers
from serving.runtime import Model, load

MAX_CHARACTERS = 16_384
WARM_UP = ("warm up the engine", "warm the engine up")
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG

_model: list[Model] = []


class BadRow(Exception):
    """A row that cannot be scored; the message is the reason."""


@dataclass(frozen=True)
class Scored:
    """A chunk's result.

    Attributes:
        kept: Int64, the rows that have a score, in order, from 0 in this chunk.
        scores: Float32, P(duplicate) of each of them.
        decisions: Bool, whether the model calls each of them a duplicate.
        bad: Row and reason of each other row, in order.
        peak_mb: The most memory this worker has had.
    """

    kept: NDArray[np.int64]
    scores: NDArray[np.float32]
    decisions: NDArray[np.bool_]
    bad: list[tuple[int, str]]
    peak_mb: float


def start(directory: str, parent: int) -> None:
    """Load the model into this worker, and let it end with the process `parent`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above: nobody would end this worker
        os._exit(1)
    _model[:] = [load(Path(directory))]
    _model[0].predict([WARM_UP])


def score(left: Sequence[bytes | None], right: Sequence[bytes | None]) -> Scored:
    """Score a chunk in this worker.

    Args:
        left: UTF-8 texts, or None where one is missing.
        right: The texts that they are compared with.
    """
    pairs, kept, bad = [], [], []
    for row, (a, b) in enumerate(zip(left, right, strict=True)):
        try:
            pairs.append((_text("left", a), _text("right", b)))
            kept.append(row)
        except BadRow as reason:
            bad.append((row, str(reason)))
    labels = _model[0].description.labels
    rows = answers(_model[0], pairs) if pairs else np.empty((0, len(labels)), dtype=np.float32)
    duplicate = labels.index("duplicate")
    scores, decisions = rows[:, duplicate], rows.argmax(axis=1) == duplicate
    return Scored(np.array(kept, dtype=np.int64), scores, decisions, bad, peak_mb())


def peak_mb() -> float:
    """Return the most resident memory this program has had, in MB.

    Not `ru_maxrss`: it counts what the process had before it became this program, which is all that
    its parent had.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


def _text(side: str, data: bytes | None) -> str:
    if data is None:
        raise BadRow(f"{side} is missing")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadRow(f"{side} is not UTF-8") from error
    if not text.strip():
        raise BadRow(f"{side} is empty")
    if len(text) > MAX_CHARACTERS:
        raise BadRow(f"{side} is longer than {MAX_CHARACTERS} characters")
    return text
