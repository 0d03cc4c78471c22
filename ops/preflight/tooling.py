"""Checks of what builds and deploys: bootstrap, connection, builders, images."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from catalog.images import BUILT_IN, image_tag, served_in
from catalog.instances import instance
from ops.estimate.assembly import ROOT
from ops.place import BOOTSTRAP_QUALIFIER, Place
from ops.preflight.finding import Finding
from ops.preflight.visit import Trip
from stacks.build.regions import GPU_BUILDER_REGIONS

LEAST_BOOTSTRAP = 8
"""The version that CDK's assets ask for; the manifest of an assembly says so."""


def bootstrap(trip: Trip) -> Iterator[Finding]:
    """Ask whether `cdk bootstrap` was run in both accounts, and trusts the tooling."""
    name = f"/cdk-bootstrap/{BOOTSTRAP_QUALIFIER}/version"
    for place in dict.fromkeys((trip.tooling, trip.here)):
        where = f"{place.account}/{place.region}"
        remedy = _bootstrap_command(place, trip.tooling)
        try:
            found = trip.client_of("ssm", place).get_parameter(Name=name)["Parameter"]["Value"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            yield Finding("bootstrap", "fail", f"{where} is not bootstrapped", remedy)
            continue
        if int(found) < LEAST_BOOTSTRAP:
            says = f"{where} has bootstrap version {found}, needed is {LEAST_BOOTSTRAP}"
            yield Finding("bootstrap", "fail", says, remedy)
        else:
            yield Finding("bootstrap", "pass", f"{where} has bootstrap version {found}")
        if place != trip.tooling:
            yield _trust(trip, place, remedy)


def _trust(trip: Trip, place: Place, remedy: str) -> Finding:
    role = place.bootstrap_role("deploy-role")
    document = trip.client_of("iam", place).get_role(RoleName=role)["Role"]
    policy = document["AssumeRolePolicyDocument"]
    words = unquote(policy) if isinstance(policy, str) else json.dumps(policy)
    if trip.tooling.account in words:
        return Finding("bootstrap-trust", "pass", f"{place.account} trusts the tooling's account")
    says = f"{place.account} does not trust the tooling's account {trip.tooling.account}"
    return Finding("bootstrap-trust", "fail", says, remedy)


def _bootstrap_command(place: Place, tooling: Place) -> str:
    command = f"cdk bootstrap aws://{place.account}/{place.region}"
    if place == tooling:
        return f"run `{command}`"
    return (
        f"run `{command} --trust {tooling.account} --trust-for-lookup {tooling.account}"
        " --cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess`"
        " with that account's credentials (or a narrower policy of yours)"
    )


def connection(trip: Trip) -> Iterator[Finding]:
    """Ask whether the connection to the repository has had its handshake."""
    arn = trip.pipeline.connection_arn
    service = arn.split(":")[2]
    remedy = "complete it in the console: Developer Tools, Settings, Connections, Update pending"
    try:
        found = trip.tooling_client(service).get_connection(ConnectionArn=arn)["Connection"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        create = "create one in the console and put its ARN into pipeline.yaml: connection_arn"
        yield Finding("connection", "fail", f"there is no connection {arn}", create)
        return
    status = found["ConnectionStatus"]
    if status == "AVAILABLE":
        yield Finding("connection", "pass", f"the connection to {trip.pipeline.repository} is up")
    else:
        yield Finding("connection", "fail", f"the connection is {status}, not AVAILABLE", remedy)


def gpu_builder(trip: Trip) -> Iterator[Finding]:
    """Say whether the tooling's region has the builder that engines for G5 need."""
    builder = trip.pipeline.builders.get("g5")
    if builder is None or builder.where == "job":
        return
    region = trip.pipeline.region
    if region in GPU_BUILDER_REGIONS:
        yield Finding("gpu-builder", "pass", f"{region} has the small GPU builder")
    else:
        says = f"{region} has no small GPU builder, by the CodeBuild guide of 2026"
        yield Finding("gpu-builder", "fail", says, "set builders.g5.where to job in pipeline.yaml")


def images(trip: Trip) -> Iterator[Finding]:
    """Ask whether this commit's images are in the tooling's repositories."""
    ecr = trip.tooling_client("ecr")
    names = [f"slipway/{runtime}:{image_tag(runtime, ROOT)}" for runtime in runtimes(trip)]
    missing = [name for name in names if not _has_image(ecr, name)]
    if missing:
        remedy = "the infrastructure pipeline builds them; else build and push their Dockerfiles"
        yield Finding("images", "warn", f"not there yet: {', '.join(missing)}", remedy)
    if len(missing) < len(names):
        there = [name for name in names if name not in missing]
        yield Finding("images", "pass", f"there: {', '.join(there)}")


def runtimes(trip: Trip) -> list[str]:
    """Return the images that the builds and this environment need, those of builds first."""
    environment = trip.environment
    served = {"search": "triton", "ads": "torchserve"}
    sizes: dict[str, str | None] = {
        served[name]: size.instance for name, size in environment.endpoints.items()
    }
    sizes |= {name: size.instance for name, size in environment.services.items()}
    sizes |= {"batch": size.instance for size in environment.batch.values()}  # noqa: B035 one job
    wanted = {
        served_in(runtime, instance(machine).accelerator if machine else "cpu")
        for runtime, machine in sizes.items()
    }
    if environment.monitoring.looks_for_drift:
        wanted.add("drift")  # judged on a CPU, whatever serves
    building = {"build"} | {BUILT_IN[name] for name in trip.pipeline.builders}
    return [*sorted(building), *sorted(wanted - building)]


def _has_image(ecr: Any, name: str) -> bool:
    repository, tag = name.split(":")
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] in (
            "RepositoryNotFoundException",
            "ImageNotFoundException",
        ):
            return False
        raise
    return bool(found["imageDetails"])
