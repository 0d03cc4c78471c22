"""What pricing needs besides a resource: prices, and how many machines its scaling allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.prices import Prices
from ops.estimate.line import Amount, Line
from ops.estimate.schedule import shares
from stacks.rules.template import Resource, Template, text


@dataclass(frozen=True)
class Sheet:
    """The price table and the measured rates that lines are made with.

    Attributes:
        prices: The table.
        pairs_per_second: What the duplicates artifact was measured to do, by accelerator; where
            it is absent the table's assumption holds.
    """

    prices: Prices
    pairs_per_second: dict[str, float]

    def rate(self, name: str) -> float:
        """Return a rate in USD."""
        return self.prices.rate(name).usd

    def assumed(self, name: str) -> float:
        """Return an assumption's value."""
        return self.prices.assumption(name).value

    def line(
        self, resource: Resource, what: str, usd: Amount, price: str, *assumptions: str
    ) -> Line:
        """Make a line whose basis and assumptions come from the table.

        Args:
            resource: What costs.
            what: Quantity and unit.
            usd: USD a month.
            price: The row of the table: a rate's name, or an instance type.
            assumptions: Names of assumptions.
        """
        table = self.prices
        basis = table.rates[price].basis if price in table.rates else table.price(price).basis
        assumes = "; ".join(
            f"{name}: {found.value:g} {found.unit}"
            for name in assumptions
            for found in [table.assumption(name)]
        )
        template = resource.template
        path = resource.path.removeprefix(f"{template.name}/")
        return Line(template.name, path, what, usd, basis, assumes)


def machines(template: Template, is_fleet: Callable[[str], bool], start: int) -> Amount:
    """Return how many machines run on average over a week.

    At least: the minimum of each hour. At most: the maximum of each hour. Expected: what it starts
    with, and the minimum during scheduled hours of smaller bounds.

    Args:
        template: A template of the app.
        is_fleet: Whether an id of Application Auto Scaling is this fleet's.
        start: How many it starts with.
    """
    for target in template.everywhere("ApplicationAutoScaling::ScalableTarget"):
        if is_fleet(text(target.get("ResourceId"))):
            return _within(target, start)
    return Amount.of(start)


def _within(target: Resource, start: int) -> Amount:
    default = (_int(target.get("MinCapacity"), start), _int(target.get("MaxCapacity"), start))
    actions = {}
    for action in target.items("ScheduledActions"):
        bounds = action.get("ScalableTargetAction", {})
        low = _int(bounds.get("MinCapacity"), default[0])
        high = _int(bounds.get("MaxCapacity"), default[1])
        actions[text(action.get("Schedule"))] = (low, high)
    total = Amount.of(0)
    for bounds in shares(default, actions):
        usual = (bounds.low, bounds.high) == default
        expected = min(max(start, bounds.low), bounds.high) if usual else bounds.low
        total += Amount(bounds.low, expected, bounds.high) * bounds.share
    return total


def _int(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
