"""Settings of `promote_release`."""

from dataclasses import dataclass

from lambdas.common.promotion import Place
from lambdas.common.settings import required


@dataclass(frozen=True)
class Settings:
    """Where releases come from and where this one goes."""

    place: Place
    artifact_bucket: str

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        return Settings(Place.from_environment(), required("SLIPWAY_ARTIFACT_BUCKET"))
