"""Environments as data: `catalog/environments/NAME.yaml`, and the pipeline that joins them.

Environments differ by what is written there alone; no code asks for an environment's name.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.base import Strict
from catalog.instances import instance
from catalog.spec import Count, Name

Account = Annotated[str, Field(pattern=r"^\d{12}$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class Network(Strict):
    """The VPC: private subnets, one per zone."""

    cidr: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+\.\d+/\d+$")]
    zones: Annotated[tuple[str, ...], Field(min_length=2)]

    @field_validator("zones", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class EndpointSize(Strict):
    """The fleet behind a SageMaker endpoint."""

    instance: str
    count: Count = 1

    @field_validator("instance")
    @classmethod
    def _known(cls, name: str) -> str:
        instance(name)
        if not name.startswith("ml."):
            raise ValueError(f"instance {name!r}: SageMaker types start with 'ml.'")
        return name


class ServiceSize(Strict):
    """The tasks behind an ECS service; `cpu_units` are 1/1024 of a core."""

    cpu_units: Literal[256, 512, 1024, 2048, 4096]
    memory_mib: Count
    count: Count = 1


class Rollout(Strict):
    """How traffic moves to a new release. A canary or linear step needs two instances or more."""

    policy: Literal["all-at-once", "canary", "linear"] = "all-at-once"
    step_percent: Annotated[int, Field(ge=5, le=50)] = 50
    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 0


class AlarmLimits(Strict):
    """What makes the minimal alarms ring."""

    p99_ms: Annotated[float, Field(strict=False, gt=0)]
    error_percent: Annotated[float, Field(strict=False, gt=0, le=100)]


class Retention(Strict):
    """How long things are kept, in days."""

    log_days: Literal[7, 14, 30, 90, 180, 365]
    noncurrent_days: Count


class Environment(Strict):
    """One environment: where it is, how large, how careful."""

    name: Name
    account: Account
    region: Region
    network: Network
    endpoints: dict[Literal["search", "ads"], EndpointSize]
    services: dict[Literal["intent"], ServiceSize]
    rollout: Rollout = Rollout()
    approval: bool
    alarms: AlarmLimits
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


class Pipeline(Strict):
    """The tooling: where builds run, what triggers them, and the order of promotion."""

    account: Account
    region: Region
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    branch: str
    connection_arn: Annotated[str, Field(pattern=r"^arn:aws:code(connections|star-connections):")]
    environments: Annotated[tuple[Name, ...], Field(min_length=1)]
    retention: Retention
    build_timeout_minutes: Annotated[int, Field(ge=5, le=480)] = 60

    @field_validator("environments", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value
