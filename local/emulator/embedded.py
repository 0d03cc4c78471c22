"""Metrics that servers write into their logs, in CloudWatch's embedded metric format.

CloudWatch Logs makes metrics of such lines; here they are read from the log files of endpoints and
services, as they grow.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator.timer import Timer
from local.paths import Workplace

LOGGER = logging.getLogger("slipway.embedded")
INTERVAL_S = 5.0
MARK = b'"_aws"'
FOLDERS = ("logs", "services")
PLACE = ("000000000000", "us-east-1")  # whose metrics they are: servers of one account alone
MOST_BYTES = 4 << 20  # of one file at once

Json = dict[str, Any]


class EmbeddedMetrics:
    """Reads the servers' logs every few seconds."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._read: dict[Path, int] = {}
        self._timer = Timer(INTERVAL_S, self._tick)

    def install(self) -> None:
        """Nothing of MiniStack is replaced."""

    async def start(self) -> None:
        """Start; what was written before is left alone."""
        self._read = {path: path.stat().st_size for path in self._logs()}
        await self._timer.start()

    async def stop(self) -> None:
        """Stop."""
        await self._timer.stop()

    async def _tick(self) -> None:
        await asyncio.to_thread(self.read)

    def read(self) -> None:
        """Take in what the logs have grown by."""
        for path in self._logs():
            try:
                for line in self._grown(path):
                    with contextlib.suppress(ValueError, KeyError, TypeError):
                        keep(json.loads(line[line.index(b"{") :]))
            except OSError as error:
                LOGGER.debug("cannot read %s: %s", path, error)

    def _logs(self) -> list[Path]:
        return [path for name in FOLDERS for path in (self._place.root / name).rglob("*.log")]

    def _grown(self, path: Path) -> list[bytes]:
        begin, end = self._read.get(path, 0), path.stat().st_size
        if end <= begin:
            self._read[path] = min(begin, end)
            return []
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read(min(end - begin, MOST_BYTES))
        whole = data[: data.rfind(b"\n") + 1]
        self._read[path] = begin + len(whole)
        return [line for line in whole.splitlines() if MARK in line]


def keep(record: Json) -> None:
    """Store the metrics of one record as PutMetricData would."""
    head = record["_aws"]
    at = head.get("Timestamp", 1000 * time.time()) / 1000
    with request_scope(*PLACE):
        for directive in head["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: str(record[name]) for name in names}
                for name, value, count in _values(directive, record):
                    cloudwatch._store_datum(
                        directive["Namespace"],
                        name,
                        dimensions,
                        at,
                        "None",
                        None,
                        value,
                        count,
                        None,
                    )


def _values(directive: Json, record: Json) -> Iterator[tuple[str, list[float], list[float] | None]]:
    for metric in directive["Metrics"]:
        found = record[metric["Name"]]
        if isinstance(found, dict):
            yield metric["Name"], found["Values"], found.get("Counts")
        else:
            yield metric["Name"], found if isinstance(found, list) else [found], None
