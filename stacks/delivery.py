"""What the stacks of one release are given: the release, and the environment that takes it."""

from dataclasses import dataclass

from catalog.environment import Environment
from catalog.release import ReleaseContext
from stacks.accounts import Place
from stacks.base import BaseStack


@dataclass(frozen=True)
class Delivery:
    """One release on its way into one environment.

    Attributes:
        environment: Sizes, rollout, limits.
        release: What is served.
        base: The environment's bucket, network and roles.
        images: Where the image repositories are.
    """

    environment: Environment
    release: ReleaseContext
    base: BaseStack
    images: Place

    @property
    def place(self) -> Place:
        """Return where the environment is."""
        return Place(self.environment.account, self.environment.region)
