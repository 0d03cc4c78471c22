"""The dated price table: what an hour of an instance costs, and where the figure comes from."""

from typing import Annotated

from pydantic import Field

from catalog.base import Strict


class Price(Strict):
    """On-demand USD per hour and the basis of the figure."""

    usd_per_hour: Annotated[float, Field(gt=0)]
    basis: str


class Prices(Strict):
    """Prices of one region on one day."""

    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    region: str
    instances: dict[str, Price]

    def usd_per_hour(self, instance: str) -> float:
        """Return the hourly price of an instance type.

        Raises:
            ValueError: The table has no such row.
        """
        if instance not in self.instances:
            raise ValueError(
                f"no price for instance {instance!r}: add a row to catalog/prices.yaml"
                f" (it has {', '.join(self.instances)})"
            )
        return self.instances[instance].usd_per_hour
