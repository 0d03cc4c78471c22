"""Counters of one worker in Prometheus' text format."""

from collections import Counter

# Seconds. The objective is a p99 of 10 ms, so the steps are finest around it.
BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0)


class Metrics:
    """Requests by status and how long answers took; used from one event loop alone."""

    def __init__(self) -> None:
        """Start at zero."""
        self._statuses: Counter[int] = Counter()
        self._buckets = [0] * len(BUCKETS)
        self._seconds = 0.0
        self._answers = 0

    def count(self, status: int, seconds: float) -> None:
        """Count an answered request; the time counts for successes alone."""
        self._statuses[status] += 1
        if status != 200:
            return
        self._answers += 1
        self._seconds += seconds
        for index, bound in enumerate(BUCKETS):
            self._buckets[index] += seconds <= bound

    def text(self, *, ready: bool, in_flight: int) -> str:
        """Return all metrics as text."""
        name = "slipway_intent_seconds"
        lines = ["# TYPE slipway_intent_requests_total counter"]
        lines += [
            f'slipway_intent_requests_total{{status="{status}"}} {count}'
            for status, count in sorted(self._statuses.items())
        ]
        lines += [f"# TYPE {name} histogram"]
        bounds = zip(BUCKETS, self._buckets, strict=True)
        lines += [f'{name}_bucket{{le="{bound}"}} {count}' for bound, count in bounds]
        lines += [
            f'{name}_bucket{{le="+Inf"}} {self._answers}',
            f"{name}_sum {self._seconds:.6f}",
            f"{name}_count {self._answers}",
            "# TYPE slipway_intent_in_flight gauge",
            f"slipway_intent_in_flight {in_flight}",
            "# TYPE slipway_intent_ready gauge",
            f"slipway_intent_ready {int(ready)}",
        ]
        return "\n".join(lines) + "\n"
