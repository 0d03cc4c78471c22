"""Checks of service quotas."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from ops.preflight import needs
from ops.preflight.finding import Finding
from ops.preflight.visit import Trip
from stacks.rules.machines import family

# EC2 counts vCPUs by kinds of families.
_EC2_KINDS = {"inf": "Inf", "g": "G and VT", "": "Standard (A, C, D, H, I, M, R, T, Z)"}
JOB_INSTANCE = "ml.g5.xlarge"
"""What a build for G5 runs on where it is a SageMaker job."""
USE_OF_JOBS = "processing job usage"
_SIZES = {
    "small": "Small", "medium": "Medium", "large": "Large", "x-large": "XLarge",
    "2x-large": "2XLarge",
}  # fmt: skip


def endpoints(trip: Trip) -> Iterator[Finding]:
    """Ask for instances behind SageMaker endpoints."""
    yield from _sagemaker(trip, needs.endpoint_needs(trip.environment), "endpoint usage")


def processing(trip: Trip) -> Iterator[Finding]:
    """Ask for instances of SageMaker Processing jobs."""
    yield from _sagemaker(trip, needs.processing_needs(trip.environment), USE_OF_JOBS)


def hosts(trip: Trip) -> Iterator[Finding]:
    """Ask for vCPUs of EC2 hosts, by the kinds that EC2 counts them in."""
    wanted: dict[str, list[needs.Need]] = {}
    for need in needs.host_needs(trip.environment):
        prefix = re.match(r"[a-z]+", family(need.instance))
        kind = _EC2_KINDS.get(prefix[0] if prefix else "", _EC2_KINDS[""])
        wanted.setdefault(kind, []).append(need)
    table = _quotas(trip.client("service-quotas"), "ec2") if wanted else {}
    for kind, found in wanted.items():
        start = sum(needs.cores(need, need.start) for need in found)
        most = sum(needs.cores(need, need.most) for need in found)
        name = f"Running On-Demand {kind} instances"
        what = ", ".join(need.what for need in found)
        yield _judge("quota-hosts", table, name, start, most, f"vCPUs of {what}")


def fargate(trip: Trip) -> Iterator[Finding]:
    """Ask for vCPUs of Fargate tasks."""
    start, most = needs.fargate_cores(trip.environment)
    if start:
        table = _quotas(trip.client("service-quotas"), "fargate")
        name = "Fargate On-Demand vCPU resource count"
        yield _judge("quota-fargate", table, name, start, most, "vCPUs of services")


def builds(trip: Trip) -> Iterator[Finding]:
    """Ask for concurrent builds of each builder's kind, or for the jobs that builds run as."""
    tables: dict[str, dict[str, float]] = {}
    for accelerator, builder in sorted(trip.pipeline.builders.items()):
        service, name = "codebuild", _build_quota(accelerator, builder.compute)
        if builder.where == "job":
            service, name = "sagemaker", f"{JOB_INSTANCE} for {USE_OF_JOBS}"
        if service not in tables:
            tables[service] = _quotas(trip.tooling_client("service-quotas"), service)
        what = f"builds for {accelerator}"
        at_once = builder.concurrent
        yield _judge("quota-builds", tables[service], name, at_once, at_once, what)


def _build_quota(accelerator: str, size: str) -> str:
    # AWS writes the GPU ones without the stroke
    kind = "Linux GPU " if accelerator == "g5" else "Linux/"
    return f"Concurrently running builds for {kind}{_SIZES[size]} environment"


def _sagemaker(trip: Trip, wanted: list[needs.Need], use: str) -> Iterator[Finding]:
    table = _quotas(trip.client("service-quotas"), "sagemaker") if wanted else {}
    by_type: dict[str, list[needs.Need]] = {}
    for need in wanted:
        by_type.setdefault(need.instance, []).append(need)
    for kind, found in by_type.items():
        start, most = sum(need.start for need in found), sum(need.most for need in found)
        what = "instances of " + ", ".join(need.what for need in found)
        yield _judge("quota-sagemaker", table, f"{kind} for {use}", start, most, what)


def _judge(
    check: str, table: dict[str, float], name: str, start: float, most: float, what: str
) -> Finding:
    allowed = table.get(_plain(name))
    say = partial(Finding, check)
    ask = f"ask for {most:g} in Service Quotas, under {name!r}"
    if allowed is None:
        return say("unknown", f"quota {name!r} is not listed here", f"look it up; needed: {most:g}")
    if allowed < start:
        return say("fail", f"{name}: {allowed:g}, and {what} start with {start:g}", ask)
    if allowed < most:
        return say("warn", f"{name}: {allowed:g}, and {what} may need {most:g} at once", ask)
    return say("pass", f"{name}: {allowed:g}, enough for {what} ({most:g})")


def _quotas(client: Any, service: str) -> dict[str, float]:
    """Return the applied quotas of a service by their names in plain letters."""
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode=service)
    return {_plain(item["QuotaName"]): item["Value"] for page in pages for item in page["Quotas"]}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
