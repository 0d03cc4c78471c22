"""What stands there whether used or not: network, keys, alarms, storage, logs."""

from collections.abc import Callable, Iterator
from functools import partial

from ops.estimate.line import HOURS, Amount, Line
from ops.estimate.sheet import Sheet
from stacks.rules.template import Resource

Pricer = Callable[[Resource, Sheet], Iterator[Line]]
FAST_SECONDS = 60


def nat(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price a NAT gateway: its hours and what flows through it."""
    gigabytes = sheet.assumed("traffic")
    usd = HOURS * sheet.rate("nat.hour") + gigabytes * sheet.rate("nat.gb")
    yield sheet.line(resource, "NAT gateway", Amount.of(usd), "nat.hour", "traffic")


def vpc_endpoint(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price an interface endpoint in each of its zones; gateway endpoints are free."""
    if resource.get("VpcEndpointType") != "Interface":
        return
    zones = len(resource.get("SubnetIds") or [])
    gigabytes = sheet.assumed("traffic")
    usd = zones * (HOURS * sheet.rate("endpoint.hour") + gigabytes * sheet.rate("endpoint.gb"))
    what = f"interface endpoint in {zones} zones"
    yield sheet.line(resource, what, Amount.of(usd), "endpoint.hour", "traffic")


def load_balancer(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price an application load balancer."""
    usd = HOURS * (sheet.rate("alb.hour") + sheet.assumed("lcu") * sheet.rate("alb.lcu"))
    yield sheet.line(resource, "load balancer", Amount.of(usd), "alb.hour", "lcu")


def alarm(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price an alarm by the metrics that it reads, dearer where a period is below a minute."""
    stats = [query["MetricStat"] for query in resource.items("Metrics") if "MetricStat" in query]
    periods = [int(stat.get("Period", FAST_SECONDS)) for stat in stats]
    periods = periods or [int(resource.get("Period", FAST_SECONDS))]
    rate = "alarm.fast" if min(periods) < FAST_SECONDS else "alarm"
    usd = Amount.of(len(periods) * sheet.rate(rate))
    yield sheet.line(resource, f"alarm on {len(periods)} metric(s)", usd, rate)


def fixed(what: str, rate: str, resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price what costs the same each month."""
    yield sheet.line(resource, what, Amount.of(sheet.rate(rate)), rate)


def stored(what: str, rate: str, size: str, resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price what costs by gigabytes that only its use decides."""
    usd = Amount.of(sheet.rate(rate) * sheet.assumed(size))
    yield sheet.line(resource, what, usd, rate, size)


def public_address(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price a public IPv4 address."""
    usd = Amount.of(HOURS * sheet.rate("ipv4.hour"))
    yield sheet.line(resource, "public IPv4 address", usd, "ipv4.hour")


key: Pricer = partial(fixed, "key", "kms.key")
composite: Pricer = partial(fixed, "composite alarm", "alarm.composite")
dashboard: Pricer = partial(fixed, "dashboard", "dashboard")
metric: Pricer = partial(fixed, "metric from logs", "metric")
bucket: Pricer = partial(stored, "objects", "s3.gb", "storage")
repository: Pricer = partial(stored, "images", "ecr.gb", "images")
log_group: Pricer = partial(stored, "log lines", "logs.gb", "logs")
