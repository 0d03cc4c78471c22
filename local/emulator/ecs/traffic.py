"""What load balancers tell CloudWatch: requests, times, answers, healthy targets."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import request_scope

from local.emulator import gateway
from local.emulator.ecs.targets import groups_of, targets_of
from local.emulator.pace import pace
from local.emulator.timer import Timer

LOGGER = logging.getLogger("slipway.balancer")
NAMESPACE = "AWS/ApplicationELB"
INTERVAL_S = 5.0
IDLE_TURNS = 3  # a balancer without requests tells of its targets only so often
MOST_VALUES = 150  # of one datum, as CloudWatch has it

Where = tuple[str, str, str]
"""Account, region and ARN of a load balancer."""


@dataclass
class Seen:
    """What one load balancer saw since it last told."""

    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0

    @property
    def requests(self) -> int:
        """Return how many requests came."""
        return sum(self.codes.values()) + self.refused


class Traffic:
    """Counts of every load balancer, told every few seconds."""

    def __init__(self, balancers: Callable[[], list[Where]]) -> None:
        self._balancers = balancers
        self._seen: dict[Where, Seen] = defaultdict(Seen)
        self._turn = 0
        self._timer = Timer(INTERVAL_S * min(1.0, pace() * 5), self._tell)

    async def start(self) -> None:
        """Start the timer."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop the timer."""
        await self._timer.stop()

    def answered(self, where: Where, group: str, code: int, seconds: float) -> None:
        """Count an answer of a target."""
        seen = self._seen[where]
        seen.codes[group, code // 100] += 1
        seen.seconds[group].append(seconds)

    def refused(self, where: Where) -> None:
        """Count a request that no target answered."""
        self._seen[where].refused += 1

    async def _tell(self) -> None:
        seen, self._seen = self._seen, defaultdict(Seen)
        self._turn += 1
        for where in self._balancers():
            if where in seen or self._turn % IDLE_TURNS == 0:
                await asyncio.to_thread(_put, where, seen.get(where, Seen()))


def _put(where: Where, seen: Seen) -> None:
    account, region, arn = where
    try:
        with request_scope(account, region):
            data = list(_data(arn, seen))
            gateway.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
    except Exception:  # a lost metric must not end the timer
        LOGGER.exception("metrics of %s were lost", arn)


def _data(arn: str, seen: Seen) -> Iterator[dict[str, Any]]:
    balancer = {"LoadBalancer": arn.partition(":loadbalancer/")[2]}
    if seen.requests:
        yield _datum("RequestCount", balancer, seen.requests)
        yield _datum("HTTPCode_ELB_5XX_Count", balancer, seen.refused)
    registered = targets_of(arn)
    for group in groups_of(arn):
        alone = {"TargetGroup": group.rpartition(":")[2]}
        both = {**alone, **balancer}
        count = sum(1 for target in registered if target.group == group)
        yield _datum("HealthyHostCount", both, count)
        yield _datum("UnHealthyHostCount", both, 0)  # a target that ended is registered no more
        codes = {kind: n for (name, kind), n in seen.codes.items() if name == group}
        requests = sum(codes.values())
        for dimensions in (alone, both):  # also when there are none: so a fleet shrinks
            yield _datum("RequestCountPerTarget", dimensions, requests / max(1, count))
        if not codes:
            continue
        yield _datum("RequestCount", both, requests)
        for kind, number in codes.items():
            yield _datum(f"HTTPCode_Target_{kind}XX_Count", both, number)
        times = seen.seconds[group]
        for start in range(0, len(times), MOST_VALUES):
            yield {
                **_datum("TargetResponseTime", both, 0, "Seconds"),
                "Values": times[start : start + MOST_VALUES],
            }


def _datum(
    name: str, dimensions: dict[str, str], value: float, unit: str = "Count"
) -> dict[str, Any]:
    named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    datum: dict[str, Any] = {"MetricName": name, "Dimensions": named, "Unit": unit}
    return datum if unit == "Seconds" else {**datum, "Value": value}
