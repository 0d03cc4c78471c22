"""Settings of `point_release`."""

from dataclasses import dataclass

from lambdas.common.promotion import Place
from lambdas.common.settings import required


@dataclass(frozen=True)
class Settings:
    """The environment and its two pointers, SSM parameters."""

    place: Place
    release_parameter: str
    previous_parameter: str

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        return Settings(
            Place.from_environment(),
            required("SLIPWAY_RELEASE_PARAMETER"),
            required("SLIPWAY_PREVIOUS_PARAMETER"),
        )
