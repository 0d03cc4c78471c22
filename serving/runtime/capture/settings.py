"""What capturing is told through the environment of a server."""

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "SLIPWAY_CAPTURE"
SCHEMES = ("s3://", "file://")


class WrongCapture(ValueError):
    """A variable means nothing; the message names it, its value and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Where records go and how many.

    Attributes:
        place: `s3://BUCKET/PREFIX` or `file:///FOLDER`, without a slash at its end.
        endpoint: The endpoint's or service's name, a folder of the layout.
        variant: The variant's name, the folder below.
        share: Which part of the requests is kept, 0 to 1.
        kms_key: What encrypts objects in S3; empty for the bucket's own rule.
        max_bytes: A record that is longer is dropped, and counted.
        queue: Requests that may wait for the thread; further ones are dropped, and counted.
        flush_seconds: Records wait at most about so long for their file.
        flush_bytes: A file is written as soon as it has so many.
    """

    place: str
    endpoint: str = "local"
    variant: str = "main"
    share: float = 1.0
    kms_key: str = ""
    max_bytes: int = 65_536
    queue: int = 2_000
    flush_seconds: float = 60.0
    flush_bytes: int = 1 << 20

    @staticmethod
    def read(environment: Mapping[str, str]) -> "Settings | None":
        """Read the variables that serving/README.md lists; None where `SLIPWAY_CAPTURE` is unset.

        Raises:
            WrongCapture: A variable is not what it must be. A server refuses to start with it: that
                stops a release, which a hole in its records found weeks later would not.
        """
        place = environment.get(PREFIX, "").rstrip("/")
        if not place:
            return None
        if not place.startswith(SCHEMES) or len(place.partition("://")[2]) < 2:
            raise WrongCapture(
                f"{PREFIX} is {place!r}; give s3://BUCKET/PREFIX or file:///FOLDER, or unset it"
            )
        share = _number(environment, f"{PREFIX}_SHARE", Settings.share)
        if share > 1:
            raise WrongCapture(f"{PREFIX}_SHARE is {share:g}; give a share from 0 to 1")
        return Settings(
            place=place,
            endpoint=_name(environment, "SLIPWAY_ENDPOINT", Settings.endpoint),
            variant=_name(environment, "SLIPWAY_VARIANT", Settings.variant),
            share=share,
            kms_key=environment.get(f"{PREFIX}_KMS_KEY", ""),
            max_bytes=int(_number(environment, f"{PREFIX}_MAX_BYTES", Settings.max_bytes)),
            queue=int(_number(environment, f"{PREFIX}_QUEUE", Settings.queue)),
            flush_seconds=_number(environment, f"{PREFIX}_SECONDS", Settings.flush_seconds),
            flush_bytes=int(_number(environment, f"{PREFIX}_FLUSH_BYTES", Settings.flush_bytes)),
        )


def _name(environment: Mapping[str, str], variable: str, default: str) -> str:
    value = environment.get(variable) or default
    if "/" in value or value in (".", ".."):
        raise WrongCapture(f"{variable} is {value!r}; give a name without a slash")
    return value


def _number(environment: Mapping[str, str], variable: str, default: float) -> float:
    value = environment.get(variable) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not 0 <= number < 1e12:
        raise WrongCapture(f"{variable} is {value!r}; give a number, 0 or more")
    return number
