"""Where an environment's promotion functions work: typed settings and the bucket they share."""

from dataclasses import dataclass

from catalog.bucket import Bucket
from catalog.envelope import Verify
from catalog.signature import kms_verify
from lambdas.common import clients
from lambdas.common.settings import required


@dataclass(frozen=True)
class Place:
    """An environment, its bucket, and the key that signs what lies there."""

    environment: str
    environment_bucket: str
    signing_key: str

    @staticmethod
    def from_environment() -> "Place":
        """Read the settings that all promotion functions have.

        Raises:
            Refused: One is not set.
        """
        return Place(
            required("SLIPWAY_ENVIRONMENT"),
            required("SLIPWAY_ENVIRONMENT_BUCKET"),
            required("SLIPWAY_SIGNING_KEY"),
        )

    def bucket(self) -> Bucket:
        """Return the environment's bucket."""
        return Bucket(self.environment_bucket, clients.client("s3"))

    def verify(self) -> Verify:
        """Return what says whether a signature is ours."""
        return kms_verify(clients.client("kms"), self.signing_key)


def verification(release: str, state: str) -> str:
    """Return where it is kept that a release was verified on a server in exactly this state.

    Args:
        release: The release's digest.
        state: The digest of what the endpoint or service serves.
    """
    return f"verifications/{release}/{state}.json"


def history(release: str) -> str:
    """Return where it is kept that a release was live, so that it may be pointed at again."""
    return f"history/{release}.json"
