"""Settings of `register_models`."""

from dataclasses import dataclass

from lambdas.common.settings import required

ENVIRONMENT = "tooling"


@dataclass(frozen=True)
class Settings:
    """Where artifacts are and who signs them."""

    artifact_bucket: str
    signing_key: str

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        return Settings(required("SLIPWAY_ARTIFACT_BUCKET"), required("SLIPWAY_SIGNING_KEY"))
