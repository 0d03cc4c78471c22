"""Environments as data: `catalog/environments/NAME.yaml`.

Environments differ by what is written there alone; no code asks for an environment's name.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.base import Count, Strict, as_tuple
from catalog.monitoring import Monitoring
from catalog.sizes import BatchSize, EndpointSize, ServiceSize
from catalog.spec import Name

Account = Annotated[str, Field(pattern=r"^\d{12}$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Network(Strict):
    """The VPC: a private subnet per zone; with NAT gateways, a public one too."""

    cidr: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+\.\d+/\d+$")]
    zones: Annotated[tuple[str, ...], Field(min_length=2)]
    nat_gateways: Annotated[int, Field(ge=0, le=6)] = 0

    _listed = field_validator("zones", mode="before")(as_tuple)


class Rollout(Strict):
    """How traffic moves to a new release. A canary or linear step needs two instances or more.

    On Inf1, where SageMaker has no guardrails, the same words drive our own weight shift.
    """

    policy: Literal["all-at-once", "canary", "linear"] = "all-at-once"
    step_percent: Annotated[int, Field(ge=5, le=50)] = 50
    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 0


class AlarmLimits(Strict):
    """What makes alarms ring, and whom they reach: `page` by night, `inform` by day."""

    p99_ms: Annotated[float, Field(strict=False, gt=0)]
    error_percent: Annotated[float, Field(strict=False, gt=0, le=100)]
    gpu_memory_percent: Annotated[float, Field(strict=False, gt=0, le=100)] = 90
    page: tuple[Email, ...] = ()
    inform: tuple[Email, ...] = ()

    _listed = field_validator("page", "inform", mode="before")(as_tuple)


class LoadTest(Strict):
    """The load that a release must bear here before it goes on: open arrivals, then the limits."""

    requests_per_second: Annotated[float, Field(strict=False, gt=0)]
    seconds: Annotated[int, Field(ge=5, le=900)] = 30


class Retention(Strict):
    """How long things are kept, in days."""

    log_days: Literal[7, 14, 30, 90, 180, 365]
    noncurrent_days: Count
    access_log_days: Count = 90
    capture_days: Count = 30


class Environment(Strict):
    """One environment: where it is, how large, how careful.

    Artifacts for NeuronCores are compiled where there is no chip; `unproven` lets them in before
    one has shown that they hold what their gates ask.
    """

    name: Name
    account: Account
    region: Region
    network: Network
    endpoints: dict[Literal["search", "ads"], EndpointSize]
    services: dict[Literal["intent"], ServiceSize]
    batch: dict[Literal["duplicates"], BatchSize] = Field(default_factory=dict)
    rollout: Rollout = Rollout()
    approval: bool
    unproven: bool = False
    load_test: LoadTest | None = None
    alarms: AlarmLimits
    monitoring: Monitoring = Monitoring()
    retention: Retention

    @model_validator(mode="after")
    def _possible(self) -> "Environment":
        if self.rollout.policy != "all-at-once":
            small = [name for name, size in self.endpoints.items() if size.count < 2]
            if small:
                raise ValueError(
                    f"rollout.policy {self.rollout.policy!r} needs two instances: set count of"
                    f" endpoints.{small[0]} to 2 or more, or use 'all-at-once'"
                )
        return self
