"""What one model did, as a line a minute in CloudWatch's embedded metric format.

For servers that have no such metrics of their models: `Slipway/Models`, by `Endpoint` and `Model`,
as Triton's archives say it of themselves. A minute without requests says nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from serving.runtime import embedded
from serving.runtime.saying import print_line

ENDPOINT_VARIABLE = "SLIPWAY_ENDPOINT"
SECONDS_VARIABLE = "SLIPWAY_METRICS_SECONDS"
SECONDS = 60.0


@dataclass
class Batch:
    """One call of the model; `rejected` are the requests that were the callers' fault."""

    requests: int
    rejected: int = 0


class Tally:
    """Counts a model's requests, and says them when a minute has passed since the first."""

    def __init__(
        self, model: str, endpoint: str, *, seconds: float = SECONDS, say: Callable[[str], None]
    ) -> None:
        """Take the dimensions, the length of a window and what takes a line."""
        self._named = embedded.dimensions(model, endpoint)
        self._seconds, self._say = seconds, say
        self._lock = threading.Lock()
        self._counts = {"Requests": 0, "Errors": 0, "Rejected": 0}
        self._times: list[float] = []
        self._timer: threading.Timer | None = None

    @contextmanager
    def batch(self, requests: int) -> Iterator[Batch]:
        """Count the requests of one call, as errors where it raises."""
        seen, began = Batch(requests), time.perf_counter()
        try:
            yield seen
        except Exception:
            self._count(seen, errors=requests, took=None)
            raise
        self._count(seen, errors=0, took=time.perf_counter() - began)

    def flush(self) -> None:
        """Say what was counted since the last line, if anything was."""
        with self._lock:
            counts, times = self._counts, sorted(self._times)
            self._counts, self._times, self._timer = dict.fromkeys(counts, 0), [], None
        if counts["Requests"]:
            quantiles = {
                f"LatencyP{percent}": 1e3 * times[min(len(times) - 1, len(times) * percent // 100)]
                for percent in (50, 99)
                if times
            }
            self._say(
                embedded.line(
                    embedded.MODELS,
                    self._named,
                    {**counts, **quantiles},
                    embedded.MODEL_UNITS,
                    int(1e3 * time.time()),
                )
            )

    def _count(self, seen: Batch, *, errors: int, took: float | None) -> None:
        with self._lock:
            self._counts["Requests"] += seen.requests
            self._counts["Errors"] += errors
            self._counts["Rejected"] += seen.rejected
            if took is not None:
                self._times.append(took)
            if self._timer is None:
                self._timer = threading.Timer(self._seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()


def tally_of(model: str, environment: Mapping[str, str]) -> Tally:
    """Return the tally of a model on standard output; without an endpoint's name it is silent."""
    endpoint = environment.get(ENDPOINT_VARIABLE, "")
    seconds = float(environment.get(SECONDS_VARIABLE) or SECONDS)
    return Tally(model, endpoint, seconds=seconds, say=print_line if endpoint else _silent)


def _silent(_text: str) -> None:
    """Say nothing."""
