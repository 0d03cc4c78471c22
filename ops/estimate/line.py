"""What an estimate consists of: lines of low, expected and high USD a month."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

HOURS = 730
"""Hours of a month: a twelfth of a year."""


@dataclass(frozen=True)
class Amount:
    """A quantity or a sum: at its least, as expected, at its most."""

    low: float
    expected: float
    high: float

    @staticmethod
    def of(value: float) -> "Amount":
        """Return an amount that does not vary."""
        return Amount(value, value, value)

    def __mul__(self, factor: float) -> "Amount":
        return Amount(self.low * factor, self.expected * factor, self.high * factor)

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.expected:g}"
        return f"{_short(self.expected)} ({_short(self.low)} to {_short(self.high)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class Line:
    """What one resource costs a month.

    Attributes:
        stack: Its stack.
        resource: Its construct's path.
        what: Quantity and unit, for people.
        usd: USD a month.
        basis: Where the price comes from.
        assumes: What is assumed of its use; empty where the template says it all.
    """

    stack: str
    resource: str
    what: str
    usd: Amount
    basis: str
    assumes: str = ""

    @property
    def environment(self) -> str:
        """Return the environment, `tooling` or `infrastructure`: `slipway-NAME-...` has it."""
        return self.stack.removeprefix("slipway-").split("-")[0]


@dataclass(frozen=True)
class Estimate:
    """All lines, the date of the prices, and what has no price here.

    Attributes:
        date: The day of the prices.
        region: Their region.
        lines: What costs.
        unpriced: Types of resources that were not counted, and how many there are of each.
        elsewhere: Stacks in another region, whose prices differ.
    """

    date: str
    region: str
    lines: tuple[Line, ...]
    unpriced: dict[str, int] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()

    def of(self, environments: Iterable[str]) -> "Estimate":
        """Return the lines of some environments alone."""
        wanted = set(environments)
        kept = tuple(line for line in self.lines if line.environment in wanted)
        return replace(self, lines=kept)

    def total(self, environment: str | None = None) -> Amount:
        """Return the sum of all lines, or of those of one environment."""
        amounts = [line.usd for line in self.lines if environment in (None, line.environment)]
        return sum(amounts, start=Amount.of(0))

    @property
    def environments(self) -> list[str]:
        """Return the environments that have lines, in their order."""
        return list(dict.fromkeys(line.environment for line in self.lines))

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as a JSON document."""
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Estimate":
        """Read an estimate back.

        Raises:
            KeyError, TypeError: The document is no estimate.
        """
        lines = (Line(**{**item, "usd": Amount(**item["usd"])}) for item in document["lines"])
        return Estimate(
            document["date"],
            document["region"],
            tuple(lines),
            document.get("unpriced", {}),
            tuple(document.get("elsewhere", ())),
        )
