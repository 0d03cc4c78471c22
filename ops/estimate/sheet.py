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


def machines(
    template: Template, is_fleet: Callable[[str], bool], count: int, load: float
) -> Amount:
    """Return how many machines run on average over a week.

    Args:
        template: A template of the app.
        is_fleet: Whether an id of Application Auto Scaling is this fleet's.
        count: How many there are if nothing scales them.
        load: Where a scaled fleet stands on average: 0 at its minimum, 1 at its maximum.
    """
    for target in template.everywhere("ApplicationAutoScaling::ScalableTarget"):
        if is_fleet(text(target.get("ResourceId"))):
            least, most = _bounds(target, count)
            return Amount(least, least + load * (most - least), most)
    return Amount.of(count)


def _bounds(target: Resource, count: int) -> tuple[float, float]:
    """Return the average minimum and maximum over the hours of a week."""
    usual = (_int(target.get("MinCapacity"), count), _int(target.get("MaxCapacity"), count))
    actions = {}
    for action in target.items("ScheduledActions"):
        bounds = action.get("ScalableTargetAction", {})
        low = _int(bounds.get("MinCapacity"), usual[0])
        high = _int(bounds.get("MaxCapacity"), usual[1])
        actions[text(action.get("Schedule"))] = (low, high)
    found = shares(usual, actions)
    return sum(b.share * b.low for b in found), sum(b.share * b.high for b in found)


def _int(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
