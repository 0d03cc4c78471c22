"""Settings of `promote_release`."""

import os
from dataclasses import dataclass, field

from lambdas.common.promotion import Place
from lambdas.common.settings import required


@dataclass(frozen=True)
class Settings:
    """Where releases come from and where this one goes.

    Attributes:
        place: The environment.
        artifact_bucket: Where releases come from.
        shifted: The endpoints whose traffic our own state machine moves, with their accelerators.
        unproven: Whether artifacts may come whose chip nobody has asked yet.
        registry: Where images are pulled from, such as `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.
    """

    place: Place
    artifact_bucket: str
    shifted: dict[str, str] = field(default_factory=dict)
    registry: str = ""
    unproven: bool = False

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        named = [item.split("=") for item in os.environ.get("SLIPWAY_SHIFTED", "").split()]
        return Settings(
            Place.from_environment(),
            required("SLIPWAY_ARTIFACT_BUCKET"),
            dict(named),
            required("SLIPWAY_REGISTRY") if named else "",
            os.environ.get("SLIPWAY_UNPROVEN") == "true",
        )
