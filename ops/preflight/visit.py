"""What a preflight's checks are given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.environment import Environment
from catalog.pipeline import Pipeline
from ops.place import Place


@dataclass(frozen=True)
class Trip:
    """What checks are given: the environment, the tooling, and clients of both accounts."""

    environment: Environment
    pipeline: Pipeline
    client_of: Callable[[str, Place], Any]

    @property
    def here(self) -> Place:
        """Return where the environment is."""
        return Place(self.environment.account, self.environment.region)

    @property
    def tooling(self) -> Place:
        """Return where the tooling is."""
        return Place(self.pipeline.account, self.pipeline.region)

    def client(self, service: str) -> Any:
        """Return a client in the environment's account."""
        return self.client_of(service, self.here)

    def tooling_client(self, service: str) -> Any:
        """Return a client in the tooling's account."""
        return self.client_of(service, self.tooling)
