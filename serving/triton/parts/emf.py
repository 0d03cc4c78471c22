"""One model's counters as a line in CloudWatch's embedded metric format.

Multi-model endpoints have no metrics of their models: these are theirs, and leave the container as
a line of its log, from which CloudWatch makes metrics.
"""

import math
from collections.abc import Mapping

from serving.runtime import embedded
from serving.triton.parts.prometheus import Counters

MILLI = 1e-3
_FAILED, _DONE = "nv_inference_request_failure", "nv_inference_request_success"


def summary(
    name: str,
    ensemble: str,
    before: Mapping[str, Counters],
    after: Mapping[str, Counters],
) -> dict[str, float]:
    """Return what a model did between two readings; times in milliseconds.

    Quantiles are Triton's own over its sliding window. A request waits in the queue of each part
    that it passes; the queue's quantile and a batch are those of the engine's part.

    Args:
        name: The model's name in the catalog, which its parts are named by.
        ensemble: Its name in Triton: SageMaker gives an archive one of its own.
        before: Counters by model, then.
        after: Counters by model, now.
    """
    engine = f"{name}--model"
    parts = [part for part in after if part.startswith(f"{name}--")]

    def grown(part: str, metric: str) -> float:
        now = after.get(part, {}).get(metric, 0.0)
        return max(0.0, now - before.get(part, {}).get(metric, 0.0))

    done = grown(ensemble, _DONE)
    failed = max(0.0, _failures(name, ensemble, after) - _failures(name, ensemble, before))
    rejected = sum(grown(part, f"{_FAILED}:REJECTED") for part in parts)
    found = {"Requests": done + failed, "Errors": failed, "Rejected": rejected}
    if done:
        whole, own = after[ensemble], after.get(engine, {})
        waited = sum(grown(part, "nv_inference_queue_duration_us") for part in parts)
        found |= {
            "LatencyP50": MILLI * whole.get("nv_inference_request_summary_us:0.5", 0.0),
            "LatencyP99": MILLI * whole.get("nv_inference_request_summary_us:0.99", 0.0),
            "QueueTime": MILLI * waited / done,
            "QueueTimeP99": MILLI * own.get("nv_inference_queue_summary_us:0.99", 0.0),
            "BatchSize": grown(engine, "nv_inference_count")
            / max(1.0, grown(engine, "nv_inference_exec_count")),
        }
    return found


def _failures(name: str, ensemble: str, counters: Mapping[str, Counters]) -> float:
    """Return how many requests have failed so far.

    Triton 2.51 counts a failed ensemble twice, and an error that Python answers as a success of its
    part. So: what entered and was not answered, as far as anything failed.
    """

    def failures(part: str) -> float:
        found = counters.get(part, {})
        return sum(value for key, value in found.items() if key.startswith(_FAILED))

    # whichever reads the texts in this archive
    parts = (f"{name}--{kind}" for kind in ("tokenize", "drive", "model"))
    first = next((part for part in parts if part in counters), "")
    entered = counters.get(first, {}).get(_DONE, 0.0) + failures(first)
    answered = counters.get(ensemble, {}).get(_DONE, 0.0)
    return min(max(0.0, entered - answered), failures(ensemble))


def line(name: str, values: Mapping[str, float], milliseconds: int, endpoint: str = "") -> str:
    """Return the log line; NaN, which Triton says of an empty window, is left out.

    Args:
        name: The dimension `Model`.
        values: By metric.
        milliseconds: The time since 1970.
        endpoint: The dimension `Endpoint`, which tells environments apart; empty for none.
    """
    kept = {key: round(value, 4) for key, value in values.items() if not math.isnan(value)}
    named = embedded.dimensions(name, endpoint)
    return embedded.line(embedded.MODELS, named, kept, embedded.MODEL_UNITS, milliseconds)
