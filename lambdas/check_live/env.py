"""Settings of `check_live`."""

from dataclasses import dataclass

from lambdas.common.promotion import Place
from lambdas.common.settings import required


@dataclass(frozen=True)
class Settings:
    """The environment, its pointer, and the pipeline that moves releases in.

    Attributes:
        place: The environment.
        release_parameter: The SSM parameter that names the live release.
        pipeline: The pipeline that promotes.
    """

    place: Place
    release_parameter: str
    pipeline: str

    @property
    def stage(self) -> str:
        """Return the stage that brings releases into the environment."""
        return f"Deploy-{self.place.environment}"

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        return Settings(
            Place.from_environment(),
            required("SLIPWAY_RELEASE_PARAMETER"),
            required("SLIPWAY_PIPELINE"),
        )
