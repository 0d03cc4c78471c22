"""The recorder: a bounded queue in front of one thread that makes records and writes files.

Laws: `record` neither waits nor raises; what cannot be kept is dropped and counted; a file holds
records of one hour alone, the hour that its path names.
"""

import atexit
import hashlib
import queue
import re
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from serving.runtime import embedded
from serving.runtime.capture.record import Event, line
from serving.runtime.capture.settings import Settings
from serving.runtime.capture.sinks import Sink, key_of, open_sink
from serving.runtime.description import FILE_NAME, Description, read_description
from serving.runtime.saying import print_line

NAMESPACE = "Slipway/Capture"
CLOSE_SECONDS = 5.0
_GOOD_ID = re.compile(r"[\w:=+-][\w.:=+-]{0,63}")


@dataclass
class Counts:
    """What became of the requests that were to be captured, since the last line of metrics.

    `Dropped`: the queue was full. `Unfit`: too long, or not to be made into a record. `Failed`: the
    file could not be written.
    """

    Captured: int = 0
    Dropped: int = 0
    Unfit: int = 0
    Failed: int = 0


class Recorder:
    """Records one model's requests; one per process and model."""

    def __init__(
        self,
        settings: Settings,
        description: Description,
        artifact: str,
        sink: Sink | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Start nothing yet: the thread starts with the first record, after any fork.

        Args:
            settings: Where to and how much.
            description: The model's.
            artifact: Names it in every record.
            sink: What writes files; by default what the settings name.
            say: Takes a line of metrics (EMF); by default it goes to stdout.
        """
        self.counts = Counts()
        self._settings, self._description, self._artifact = settings, description, artifact
        self._sink, self._say = sink, say or print_line
        self._queue: queue.Queue[Event | None] = queue.Queue(settings.queue)
        self._thread: threading.Thread | None = None
        self._lines: dict[datetime, list[bytes]] = defaultdict(list)
        self._size = 0
        self._lock = threading.Lock()

    def record(
        self, inputs: Sequence[Any], outputs: Sequence[Any] | None, event_id: str = ""
    ) -> None:
        """Keep a request in mind, if its id falls into the share; never waits, never raises.

        Args:
            inputs: By row, as the task has them.
            outputs: By row, or None where they are not known.
            event_id: The caller's name for the request, by which labels may come later.
        """
        name = event_id if _GOOD_ID.fullmatch(event_id) else str(uuid.uuid4())
        if not is_sampled(name, self._settings.share):
            return
        try:
            now = datetime.now(timezone.utc)  # noqa: UP017  Inf1's Python is 3.10
            self._queue.put_nowait(Event(inputs, outputs, name, now))
        except queue.Full:
            self.counts.Dropped += 1
            return
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """Write what is there, for a few seconds at most; `record` may still be called after."""
        thread = self._thread
        if thread is None:
            return
        try:
            self._queue.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        thread.join(CLOSE_SECONDS)
        self._thread = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _run(self) -> None:
        due = time.monotonic() + self._settings.flush_seconds
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, due - time.monotonic()))
                if event is None:
                    self._flush()
                    return
                self._keep(event)
            except queue.Empty:
                pass
            if time.monotonic() >= due or self._size >= self._settings.flush_bytes:
                self._flush()
                due = time.monotonic() + self._settings.flush_seconds

    def _keep(self, event: Event) -> None:
        try:
            data = line(event, self._description, self._artifact).encode("utf-8", "replace")
        except Exception:  # whatever a caller sent must not end the thread
            self.counts.Unfit += 1
            return
        if len(data) > self._settings.max_bytes:
            self.counts.Unfit += 1
            return
        hour = event.time.replace(minute=0, second=0, microsecond=0)
        self._lines[hour].append(data)
        self._size += len(data)

    def _flush(self) -> None:
        lines, self._lines, self._size = self._lines, defaultdict(list), 0
        for hour, kept in lines.items():
            try:
                self._sink = self._sink or open_sink(self._settings)
                self._sink(key_of(self._settings, hour), b"\n".join(kept) + b"\n")
                self.counts.Captured += len(kept)
            except Exception as error:  # serving goes on; the count and the log say so
                self.counts.Failed += len(kept)
                print(f"capture: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        counts, self.counts = self.counts, Counts()
        if any(asdict(counts).values()):
            self._say(metrics_line(self._settings.endpoint, self._description.name, counts))


def is_sampled(event_id: str, share: float) -> bool:
    """Say whether a request is captured: the same answer for one id on every server."""
    if share >= 1:
        return True
    number = int.from_bytes(hashlib.blake2b(event_id.encode(), digest_size=4).digest(), "big")
    return number < share * 2**32


def metrics_line(endpoint: str, model: str, counts: Counts) -> str:
    """Return the counts in CloudWatch's embedded metric format."""
    values = asdict(counts)
    units = dict.fromkeys(values, "Count")
    named = {"Endpoint": endpoint, "Model": model}
    return embedded.line(NAMESPACE, named, values, units, int(1e3 * time.time()))


def recorder_of(directory: Path, environment: Mapping[str, str]) -> Recorder | None:
    """Return the recorder of a compiled model directory, or None where nothing is captured.

    Raises:
        WrongCapture: The environment's settings mean nothing.
    """
    settings = Settings.read(environment)
    if settings is None:
        return None
    digest = hashlib.sha256((directory / FILE_NAME).read_bytes()).hexdigest()
    return Recorder(settings, read_description(directory), digest[:12])
