"""How large the things of an environment are, and within which bounds they scale."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.base import Count, Strict
from catalog.instances import instance

Cron = Annotated[str, Field(pattern=r"^(cron\(.+\)|rate\(.+\))$")]
Ami = Annotated[str, Field(pattern=r"^ami-[0-9a-f]{8,17}$")]
CertificateArn = Annotated[str, Field(pattern=r"^arn:aws:acm:")]


class OffHours(Strict):
    """A time of the week with smaller bounds; both times are cron expressions in UTC."""

    from_: Annotated[Cron, Field(alias="from")]
    to: Cron
    min: Annotated[int, Field(ge=0)]
    max: Count

    @model_validator(mode="after")
    def _ordered(self) -> "OffHours":
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: lower min or raise max")
        return self


class Scaling(Strict):
    """Between which counts a fleet scales.

    `target_share` is the share of the release's measured throughput (under its latency objective)
    at which a machine counts as busy: the value of the target tracking policy.
    """

    min: Count
    max: Count
    target_share: Annotated[float, Field(strict=False, gt=0, le=1)] = 0.7
    out_cooldown_seconds: Annotated[int, Field(ge=0)] = 60
    in_cooldown_seconds: Annotated[int, Field(ge=0)] = 300
    off_hours: OffHours | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Scaling":
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: lower min or raise max")
        return self


class EndpointSize(Strict):
    """The fleet behind a SageMaker endpoint; `count` is what it starts with."""

    instance: str
    count: Count = 1
    scaling: Scaling | None = None

    @field_validator("instance")
    @classmethod
    def _known(cls, name: str) -> str:
        return _sagemaker_type(name)

    @model_validator(mode="after")
    def _within(self) -> "EndpointSize":
        _check_count(self.count, self.scaling)
        return self


class ServiceSize(Strict):
    """The tasks behind an ECS service; `cpu_units` are 1/1024 of a core.

    Without `instance` the tasks run on Fargate. With one they run on EC2 hosts of that type, which
    boot from `ami` (needed for Inf1: the pinned Neuron AMI). With `certificate_arn` the load
    balancer speaks TLS.
    """

    cpu_units: Annotated[int, Field(ge=256)]
    memory_mib: Count
    count: Count = 1
    instance: str | None = None
    ami: Ami | None = None
    certificate_arn: CertificateArn | None = None
    scaling: Scaling | None = None

    @model_validator(mode="after")
    def _possible(self) -> "ServiceSize":
        _check_count(self.count, self.scaling)
        if self.instance is None:
            if self.ami is not None:
                raise ValueError(f"ami {self.ami!r} is for EC2 hosts: add instance, or remove it")
            if self.cpu_units not in (256, 512, 1024, 2048, 4096):
                raise ValueError(
                    f"cpu_units {self.cpu_units}: Fargate has 256, 512, 1024, 2048 and 4096"
                )
            return self
        machine = instance(self.instance)
        if self.instance.startswith("ml."):
            raise ValueError(f"instance {self.instance!r}: ECS hosts are EC2 types, without 'ml.'")
        if machine.accelerator == "inf1" and self.ami is None:
            raise ValueError(
                f"instance {self.instance!r} needs ami: pin the id of the ECS Neuron AMI, since a"
                " new one may drop the driver for Inf1"
            )
        return self

    @property
    def accelerator(self) -> str:
        """Return what computes in a task."""
        return instance(self.instance).accelerator if self.instance else "cpu"


class BatchSize(Strict):
    """Where a batch job runs: a SageMaker Processing job, or an AWS Batch array job.

    `shards` machines or array members share the input by S3 key; `schedule` starts it, and an
    operator may at any time.
    """

    platform: Literal["processing", "batch"]
    instance: str
    shards: Count = 1
    schedule: Cron | None = None
    ami: Ami | None = None
    timeout_minutes: Annotated[int, Field(ge=5, le=1440)] = 120

    @model_validator(mode="after")
    def _possible(self) -> "BatchSize":
        machine = instance(self.instance)
        hosted = self.instance.startswith("ml.")
        if hosted != (self.platform == "processing"):
            want = "an 'ml.' type" if self.platform == "processing" else "an EC2 type"
            raise ValueError(f"instance {self.instance!r}: platform {self.platform} takes {want}")
        if self.platform == "processing" and machine.accelerator.startswith("inf"):
            raise ValueError(
                f"instance {self.instance!r}: SageMaker Processing has no Inferentia: use"
                " platform 'batch' with inf1.6xlarge, or a cpu type"
            )
        if machine.accelerator == "g5":
            raise ValueError(
                f"instance {self.instance!r}: the image slipway/batch has engines for CPUs and"
                " Inferentia alone: use a cpu type such as ml.c7i.xlarge, or inf1.6xlarge"
            )
        if machine.accelerator == "inf1" and self.ami is None:
            raise ValueError(f"instance {self.instance!r} needs ami: pin the ECS Neuron AMI's id")
        return self


def _sagemaker_type(name: str) -> str:
    instance(name)
    if not name.startswith("ml."):
        raise ValueError(f"instance {name!r}: SageMaker types start with 'ml.'")
    return name


def _check_count(count: int, scaling: Scaling | None) -> None:
    if scaling and not scaling.min <= count <= scaling.max:
        raise ValueError(
            f"count {count} lies outside scaling ({scaling.min} to {scaling.max}): put it inside"
        )
