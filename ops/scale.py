"""`ops scale`: how many machines or tasks an endpoint or service may have, until the next release.

The bounds of its scalable target are moved; scaling does the rest. The environment's data are not
changed: the next deployment brings them back, so a lasting change belongs there too.
"""

import argparse
from dataclasses import dataclass
from typing import Any

from ops import change
from ops.account import Account
from ops.change import Change, NotConfirmed
from ops.say import examples

NAMESPACES = ("sagemaker", "ecs")
EXAMPLES = {
    "scale --environment prod --target slipway-prod-search --dry-run": "what the bounds are now",
    "scale --environment prod --target slipway-prod-search --max 8": "more room for load",
    "scale --environment dev --target slipway-dev-intent --min 0 --max 1": "less, at night",
}


class NotScalable(Exception):
    """Nothing scales there, or the bounds make no sense."""


EXPECTED = (NotConfirmed, NotScalable)


@dataclass(frozen=True)
class Bounds:
    """A scalable target and its bounds, as Application Auto Scaling has them."""

    namespace: str
    resource: str
    dimension: str
    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.resource} {self.least} to {self.most}"


def bounds(client: Any, target: str) -> list[Bounds]:
    """Return the bounds of what scales at an endpoint (each variant) or a service.

    Args:
        client: A boto3 Application Auto Scaling client.
        target: Its name, such as `slipway-prod-search`.

    Raises:
        NotScalable: Nothing of that name scales.
    """
    found = [
        Bounds(
            item["ServiceNamespace"],
            item["ResourceId"],
            item["ScalableDimension"],
            item["MinCapacity"],
            item["MaxCapacity"],
        )
        for namespace in NAMESPACES
        for page in client.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace=namespace
        )
        for item in page["ScalableTargets"]
        if target in item["ResourceId"].split("/")
    ]
    if not found:
        raise NotScalable(
            f"nothing scales at {target!r}: give its size `scaling: {{min, max}}` in the"
            " environment's YAML and promote; `ops status` lists the endpoints"
        )
    return found


def scale(client: Any, item: Bounds, least: int, most: int) -> None:
    """Move the bounds of one scalable target."""
    client.register_scalable_target(
        ServiceNamespace=item.namespace,
        ResourceId=item.resource,
        ScalableDimension=item.dimension,
        MinCapacity=least,
        MaxCapacity=most,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    change.add_arguments(parser)
    parser.add_argument("--target", required=True, help="endpoint or service, by its whole name")
    parser.add_argument("--min", type=int, help="at least so many (default: as it is)")
    parser.add_argument("--max", type=int, help="at most so many (default: as it is)")


def run(arguments: argparse.Namespace) -> int:
    """Scale, or say what the bounds are where none is given."""
    account, environment = Account(), arguments.environment
    service = "application-autoscaling"
    now = bounds(account.client(service, environment), arguments.target)
    wanted = [
        (
            item,
            item.least if arguments.min is None else arguments.min,
            item.most if arguments.max is None else arguments.max,
        )
        for item in now
    ]
    for item, least, most in wanted:
        if not 0 <= least <= most or most == 0:
            raise NotScalable(f"{item.resource}: {least} to {most}: min must not exceed max")
    before = {item.resource: f"{item.least} to {item.most}" for item in now}
    after = {item.resource: f"{least} to {most}" for item, least, most in wanted}
    if before == after and not arguments.dry_run:
        raise NotScalable(f"{', '.join(map(str, now))} already: give --min or --max")
    moves = ", ".join(f"{name} from {before[name]} to {after[name]}" for name in before)

    def do() -> str:
        for item, least, most in wanted:
            scale(account.acting(environment, service), item, least, most)
        return ", ".join(str(item) for item in bounds(account.client(service), arguments.target))

    wish = Change("scale", environment, arguments.reason, f"scale {moves}", before, after)
    return change.carry_out(account, wish, arguments, do)
