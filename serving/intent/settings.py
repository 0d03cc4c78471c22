"""What the service is told through its environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from serving.intent.batcher import Limits
from serving.runtime.awake import LINGER_MS

PREFIX = "SLIPWAY_"


class WrongSetting(Exception):
    """A variable is missing or means nothing; the message names it, its value and the remedy."""


@dataclass(frozen=True)
class Settings:
    """The service's settings.

    Attributes:
        artifact: `s3://BUCKET/KEY` or a path.
        artifact_sha256: The digest that its bytes must have, hex.
        endpoint: What its metrics are told apart by; empty for the model's name alone.
        limits: What one worker takes on before it sheds.
        deadline_ms: How long a caller waits who does not say.
        drain_seconds: Between saying that it will stop and stopping.
        emf_seconds: Between two lines of metrics for CloudWatch; 0 for none.
        slow_ms: Answers that took longer get a line in the log.
        awake_ms: How long after a request its core is kept from sleeping; 0 for not at all.
    """

    artifact: str
    artifact_sha256: str
    host: str = "0.0.0.0"  # noqa: S104  a container is reached from outside
    port: int = 8080
    workers: int = 1
    threads: int = 1
    endpoint: str = ""
    limits: Limits = field(default_factory=Limits)
    deadline_ms: float = 1000
    drain_seconds: float = 2
    emf_seconds: float = 60
    slow_ms: float = 100
    awake_ms: float = LINGER_MS

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
            endpoint=environment.get(f"{PREFIX}ENDPOINT", ""),
            limits=Limits(
                batch=_count(environment, "MAX_BATCH", Limits.batch),
                queue=_count(environment, "QUEUE_LIMIT", Limits.queue),
                budget_ms=_number(environment, "QUEUE_BUDGET_MS", Limits.budget_ms),
            ),
            deadline_ms=_number(environment, "DEADLINE_MS", Settings.deadline_ms),
            drain_seconds=_number(environment, "DRAIN_SECONDS", Settings.drain_seconds),
            emf_seconds=_number(environment, "EMF_SECONDS", Settings.emf_seconds),
            slow_ms=_number(environment, "SLOW_MS", Settings.slow_ms),
            awake_ms=_number(environment, "AWAKE_MS", Settings.awake_ms),
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


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    value = environment.get(PREFIX + name) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not 0 <= number < 1e9:
        raise WrongSetting(f"{PREFIX}{name} is {value!r}; give a number, 0 or more")
    return number
