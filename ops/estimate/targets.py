"""The cheapest target of each model that meets its latency objective, by measured evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from catalog.artifact import Manifest
from catalog.prices import Prices
from catalog.release import ReleaseContext
from ops.estimate.line import HOURS

BUSY = 0.7
"""The share of its measured throughput that a machine is planned for."""


@dataclass(frozen=True)
class Target:
    """One target of one model, with what was measured of it.

    Attributes:
        model: The model.
        accelerator: What computes.
        instance: The type that its price is of.
        p99_ms: Measured, model time.
        objective_ms: What it must stay below; None where nobody says.
        throughput: Inputs a second at the gate's load.
        machines: How many carry the asked rate.
        usd: What those cost a month.
        per_million: USD for a million inputs at full throughput.
        measured_on: The machine of the measurement.
    """

    model: str
    accelerator: str
    instance: str
    p99_ms: float
    objective_ms: float | None
    throughput: float
    machines: int
    usd: float
    per_million: float
    measured_on: str

    @property
    def fits(self) -> bool:
        """Say whether it meets the objective."""
        return self.objective_ms is None or self.p99_ms <= self.objective_ms


def targets(
    release: ReleaseContext, prices: Prices, *, rate: float, p99_ms: float | None = None
) -> list[Target]:
    """Return the measured targets of a release's models: those that fit first, cheapest first.

    Args:
        release: The manifests.
        prices: Today's price table; the manifest's own price is of the day of its build.
        rate: Inputs a second that must be carried.
        p99_ms: The objective, in place of the one that the row's gate has.
    """
    found = [
        target
        for manifest in release.all
        if (target := _target(manifest, prices, rate, p99_ms)) is not None
    ]
    return sorted(found, key=lambda item: (item.model, not item.fits, item.usd, item.per_million))


def cheapest(found: Sequence[Target]) -> dict[str, Target]:
    """Return the cheapest target that fits, by model; a model without one is absent."""
    best: dict[str, Target] = {}
    for item in found:
        if item.fits and (item.model not in best or item.usd < best[item.model].usd):
            best[item.model] = item
    return best


def _target(manifest: Manifest, prices: Prices, rate: float, p99_ms: float | None) -> Target | None:
    evidence = manifest.evidence
    latency, throughput = evidence.measurement("p99_ms"), evidence.measurement("throughput")
    instance = evidence.price.get("instance")
    if latency is None or throughput is None or instance is None or throughput.value <= 0:
        return None
    hourly = prices.usd_per_hour(instance)
    machines = ceil(rate / (throughput.value * BUSY))
    goals = {verdict.metric: verdict.goal for verdict in evidence.verdicts}
    return Target(
        model=manifest.model,
        accelerator=manifest.accelerator,
        instance=instance,
        p99_ms=latency.value,
        objective_ms=p99_ms or goals.get("p99_ms", {}).get("threshold"),
        throughput=throughput.value,
        machines=machines,
        usd=machines * hourly * HOURS,
        per_million=hourly / 3600 / throughput.value * 1e6,
        measured_on=str(evidence.machine.get("cpu", "unknown")),
    )
