"""From which load on a machine is busy: what the release was measured to bear, not folklore."""

from collections.abc import Sequence

from catalog.artifact import Manifest, Measurement
from catalog.sizes import Scaling

SECONDS_PER_MINUTE = 60
# What clients of a service saw, under its objective, goes before what the model alone bears.
METRICS = ("served_throughput", "throughput")


class Unmeasured(Exception):
    """A release that shall scale has a model whose throughput nobody measured."""


def busy_per_minute(manifests: Sequence[Manifest], scaling: Scaling) -> float:
    """Return the calls a minute at which one machine counts as busy.

    The mix of models that a machine will be asked for is unknown: the slowest one decides.

    Args:
        manifests: What is served on the fleet.
        scaling: With the share of the measured throughput that is wanted.

    Raises:
        Unmeasured: A manifest has no throughput; the message names the model and the remedy.
    """
    measured = {item.model: _throughput(item) for item in manifests}
    for name, measurement in measured.items():
        if measurement is None:
            raise Unmeasured(
                f"model {name} has no measured {METRICS[-1]} in its manifest, and"
                f" scaling.target_share {scaling.target_share:g} is a share of it: build it again"
                " (its gates measure it), or take scaling out of the environment"
            )
    least = min(item.value for item in measured.values() if item)
    return round(least * scaling.target_share * SECONDS_PER_MINUTE, 1)


def _throughput(manifest: Manifest) -> Measurement | None:
    found = (manifest.evidence.measurement(metric) for metric in METRICS)
    return next((item for item in found if item), None)
