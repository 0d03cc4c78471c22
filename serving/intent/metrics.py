"""What one worker counts: as Prometheus text for whoever asks, as EMF lines for CloudWatch."""

from collections import Counter
from collections.abc import Mapping

from serving.runtime import embedded

# Seconds. The objective is a p99 of 10 ms, so the steps are finest around it.
BUCKETS = (0.001, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.05, 0.1, 0.25, 1.0)
BATCHES = (1, 2, 4, 8, 16, 32)
SHED = 503
NAMESPACE = "Slipway/Intent"


class Histogram:
    """Counts of values up to each bound; the last count is of those above all."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """Start at zero."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        index = next((i for i, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))
        self.counts[index] += 1
        self.sum += value

    def lines(self, name: str) -> list[str]:
        """Return Prometheus lines, cumulative as Prometheus wants them."""
        total, lines = 0, [f"# TYPE {name} histogram"]
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {total}')
        return [*lines, f"{name}_sum {self.sum:.6f}", f"{name}_count {total}"]


class Metrics:
    """Requests by status, how long answers took, how full batches were; for one event loop."""

    def __init__(self) -> None:
        """Start at zero."""
        self._statuses: Counter[int] = Counter()
        self._intents: Counter[str] = Counter()
        self._latency = Histogram(BUCKETS)
        self._queue = Histogram(BUCKETS)
        self._batches = Histogram(BATCHES)
        self._since_emf = Histogram(BUCKETS)
        self._statuses_since_emf: Counter[int] = Counter()

    def count(self, status: int, seconds: float) -> None:
        """Count a request; the time counts for answers alone."""
        self._statuses[status] += 1
        self._statuses_since_emf[status] += 1
        if status == 200:
            self._latency.add(seconds)
            self._since_emf.add(seconds)

    def answered(self, intent: str, queue_ms: float, batch: int) -> None:
        """Count an answer's intent, wait and company."""
        self._intents[intent] += 1
        self._queue.add(queue_ms / 1e3)
        self._batches.add(batch)

    def text(self, gauges: Mapping[str, float]) -> str:
        """Return all metrics in Prometheus' format, with gauges of the moment."""
        name = "slipway_intent"
        lines = [f"# TYPE {name}_requests_total counter"]
        for status, count in sorted(self._statuses.items()):
            lines.append(f'{name}_requests_total{{status="{status}"}} {count}')
        lines.append(f"# TYPE {name}_answers_total counter")
        for intent, count in sorted(self._intents.items()):
            lines.append(f'{name}_answers_total{{intent="{intent}"}} {count}')
        lines += self._latency.lines(f"{name}_seconds")
        lines += self._queue.lines(f"{name}_queue_seconds")
        lines += self._batches.lines(f"{name}_batch_size")
        for gauge, value in gauges.items():
            lines += [f"# TYPE {name}_{gauge} gauge", f"{name}_{gauge} {value:g}"]
        return "\n".join(lines) + "\n"

    def emf(self, milliseconds: int, model: str, endpoint: str = "") -> str | None:
        """Return what happened since the last call as one line of EMF; None if nothing did.

        Args:
            milliseconds: The time, since 1970.
            model: The dimension `Model`.
            endpoint: The dimension `Endpoint`, which tells environments apart; empty for none.
        """
        statuses, latency = self._statuses_since_emf, self._since_emf
        if not statuses:
            return None
        self._statuses_since_emf, self._since_emf = Counter(), Histogram(BUCKETS)
        units = {"Requests": "Count", "Shed": "Count", "Faults": "Count"}
        told: dict[str, object] = {
            "Requests": statuses.total(),
            "Shed": statuses[SHED],
            "Faults": sum(count for status, count in statuses.items() if status >= 500)
            - statuses[SHED],
        }
        if statuses[200]:
            units["Latency"] = "Milliseconds"
            upper = (*BUCKETS, 2 * BUCKETS[-1])
            seen = [(1e3 * b, c) for b, c in zip(upper, latency.counts, strict=True) if c]
            told["Latency"] = {"Values": [b for b, _ in seen], "Counts": [c for _, c in seen]}
        named = embedded.dimensions(model, endpoint)
        return embedded.line(NAMESPACE, named, told, units, milliseconds)
