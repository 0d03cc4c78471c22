"""The metrics a gate can name: unit, which direction is better, and what they mean."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """One quantity that a gate measures on the compiled model and, where it can, on its source."""

    name: str
    unit: str
    better: Literal["higher", "lower"]
    meaning: str


_ALL = (
    Metric("exact_match", "share", "higher", "answers equal to the expected string"),
    Metric("agreement", "share", "higher", "answers equal to the source model's"),
    Metric("cosine_mean", "cosine", "higher", "mean cosine between compiled and source vectors"),
    Metric("cosine_min", "cosine", "higher", "lowest cosine between compiled and source vectors"),
    Metric("recall_at_1", "share", "higher", "queries whose relevant document comes first"),
    Metric(
        "recall_at_10", "share", "higher", "queries with the relevant document in the first ten"
    ),
    Metric("accuracy", "share", "higher", "most probable label equals the expected one"),
    Metric("label_agreement", "share", "higher", "most probable label equals the source model's"),
    Metric("calibration_error", "share", "lower", "expected calibration error over ten bins"),
    Metric("p50_ms", "ms", "lower", "median latency of one call, model time"),
    Metric("p99_ms", "ms", "lower", "99th percentile latency of one call, model time"),
    Metric("throughput", "per second", "higher", "inputs answered a second at the stated load"),
    Metric("speedup", "ratio", "higher", "eager PyTorch median over compiled median, one run"),
    Metric(
        "usd_per_million", "USD", "lower", "cost of a million inputs at the measured throughput"
    ),
    Metric("served_p50_ms", "ms", "lower", "median latency that a service's clients see"),
    Metric("served_p99_ms", "ms", "lower", "99th percentile latency that a service's clients see"),
    Metric(
        "served_throughput",
        "per second",
        "higher",
        "most open arrivals that one worker answers while its p99 holds",
    ),
)
METRICS = {metric.name: metric for metric in _ALL}
