"""The instance types that a target or an environment may name, and what fits on them."""

from dataclasses import dataclass
from typing import Literal

Accelerator = Literal["cpu", "g5", "inf1", "inf2"]


@dataclass(frozen=True)
class Instance:
    """One instance type: its accelerator, the architecture code is compiled for, and its size.

    `bf16` says whether its CPU multiplies bfloat16 itself.
    """

    accelerator: Accelerator
    architecture: str
    vcpus: int
    memory_gib: int
    nvme: bool = False
    bf16: bool = False


def _family(
    prefix: str, accelerator: Accelerator, architecture: str, sizes: str, **has: bool
) -> dict[str, Instance]:
    rows = (row.split(":") for row in sizes.split())
    return {
        f"{prefix}.{size}": Instance(accelerator, architecture, int(cpus), int(memory), **has)
        for size, cpus, memory in rows
    }


INSTANCES: dict[str, Instance] = {
    **_family(
        "ml.c7i", "cpu", "x86-64-v4", "large:2:4 xlarge:4:8 2xlarge:8:16 4xlarge:16:32", bf16=True
    ),
    **_family("ml.c6i", "cpu", "x86-64-v4", "large:2:4 xlarge:4:8 2xlarge:8:16 4xlarge:16:32"),
    **_family("ml.m5", "cpu", "x86-64-v4", "large:2:8 xlarge:4:16 2xlarge:8:32"),
    **_family("ml.g5", "g5", "sm_86", "xlarge:4:16 2xlarge:8:32 4xlarge:16:64", nvme=True),
    **_family("ml.inf1", "inf1", "neuroncore-v1", "xlarge:4:8 2xlarge:8:16 6xlarge:24:48"),
    **_family("ml.inf2", "inf2", "neuroncore-v2", "xlarge:4:16 8xlarge:32:128"),
    # the intent service runs on ECS: EC2 types, and Fargate sized by its task
    **_family("c7i", "cpu", "x86-64-v4", "large:2:4 xlarge:4:8 2xlarge:8:16", bf16=True),
    **_family("inf1", "inf1", "neuroncore-v1", "xlarge:4:8 2xlarge:8:16 6xlarge:24:48"),
    **_family("inf2", "inf2", "neuroncore-v2", "xlarge:4:16 8xlarge:32:128"),
}


def instance(name: str) -> Instance:
    """Return an instance type.

    Raises:
        ValueError: The type is not one that Slipway knows; the message lists those that look alike.
    """
    if name not in INSTANCES:
        close = [known for known in INSTANCES if known.split(".")[-2] == name.split(".")[-2:][0]]
        known = ", ".join(close or INSTANCES)
        raise ValueError(f"unknown instance type {name!r}: use one of {known}")
    return INSTANCES[name]
