"""What the service is told through its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "SLIPWAY_"


class WrongSetting(Exception):
    """A variable is missing or means nothing; the message names it, its value and the remedy."""


@dataclass(frozen=True)
class Settings:
    """The service's settings.

    `artifact` is `s3://BUCKET/KEY` or a path, `artifact_sha256` the digest its bytes must have.
    At most `queue_limit` requests are inside one worker; further ones are shed.
    """

    artifact: str
    artifact_sha256: str
    host: str = "0.0.0.0"  # noqa: S104  a container is reached from outside
    port: int = 8080
    workers: int = 1
    threads: int = 1
    queue_limit: int = 64

    @staticmethod
    def read(environment: Mapping[str, str]) -> "Settings":
        """Read `SLIPWAY_ARTIFACT`, `SLIPWAY_ARTIFACT_SHA256`, and the optional others.

        Raises:
            WrongSetting: A variable is missing or not what it must be.
        """
        sha256 = _required(environment, "ARTIFACT_SHA256")
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise WrongSetting(
                f"{PREFIX}ARTIFACT_SHA256 is {sha256!r}; give 64 lower-case hex characters"
            )
        return Settings(
            artifact=_required(environment, "ARTIFACT"),
            artifact_sha256=sha256,
            host=environment.get(f"{PREFIX}HOST") or Settings.host,
            port=_count(environment, "PORT", Settings.port),
            workers=_count(environment, "WORKERS", Settings.workers),
            threads=_count(environment, "THREADS", Settings.threads),
            queue_limit=_count(environment, "QUEUE_LIMIT", Settings.queue_limit),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(PREFIX + name, "")
    if not value:
        raise WrongSetting(f"{PREFIX}{name} is not set; the task definition must give it")
    return value


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(PREFIX + name) or str(default)
    if not value.isdecimal() or int(value) < 1:
        raise WrongSetting(f"{PREFIX}{name} is {value!r}; give a whole number, 1 or more")
    return int(value)
