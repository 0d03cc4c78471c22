"""The dated price table: what things cost, what is assumed of their use, and where that is from."""

from typing import Annotated, TypeVar

from pydantic import Field

from catalog.base import Strict

Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Amount = Annotated[float, Field(strict=False, ge=0)]
Words = Annotated[str, Field(min_length=1)]
Row = TypeVar("Row")


class Price(Strict):
    """On-demand USD per hour of an instance and the basis of the figure."""

    usd_per_hour: Annotated[float, Field(gt=0)]
    basis: Words


class Rate(Strict):
    """USD per unit of something that is no instance, and the basis of the figure."""

    usd: Amount
    per: Words
    basis: Words


class Assumption(Strict):
    """How much of something is used, where no template says so."""

    value: Amount
    unit: Words
    basis: Words


class PriceChanges(Strict):
    """Rows that take the place of the table's: an override file, or your contract's prices."""

    date: Date | None = None
    region: str | None = None
    instances: dict[str, Price] = Field(default_factory=dict)
    rates: dict[str, Rate] = Field(default_factory=dict)
    assumptions: dict[str, Assumption] = Field(default_factory=dict)


class Prices(Strict):
    """Prices of one region on one day."""

    date: Date
    region: str
    instances: dict[str, Price]
    rates: dict[str, Rate] = Field(default_factory=dict)
    assumptions: dict[str, Assumption] = Field(default_factory=dict)

    def usd_per_hour(self, instance: str) -> float:
        """Return the hourly price of an instance type.

        Raises:
            ValueError: The table has no such row.
        """
        return self.price(instance).usd_per_hour

    def price(self, instance: str) -> Price:
        """Return the row of an instance type.

        Raises:
            ValueError: The table has no such row.
        """
        return _row(self.instances, "instance", instance)

    def rate(self, name: str) -> Rate:
        """Return the row of a rate, such as `nat.hour`.

        Raises:
            ValueError: The table has no such row.
        """
        return _row(self.rates, "rate", name)

    def assumption(self, name: str) -> Assumption:
        """Return the row of an assumption, such as `pushes`.

        Raises:
            ValueError: The table has no such row.
        """
        return _row(self.assumptions, "assumption", name)

    def changed(self, by: PriceChanges) -> "Prices":
        """Return the table with the rows of an override file in place of its own."""
        return Prices(
            date=by.date or self.date,
            region=by.region or self.region,
            instances=self.instances | by.instances,
            rates=self.rates | by.rates,
            assumptions=self.assumptions | by.assumptions,
        )


def _row(table: dict[str, Row], kind: str, name: str) -> Row:
    if name not in table:
        raise ValueError(
            f"no price for {kind} {name!r}: add a row to catalog/prices.yaml"
            f" (it has {', '.join(table)})"
        )
    return table[name]
