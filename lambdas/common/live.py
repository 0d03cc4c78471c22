"""What is live in an environment right now, as AWS says, not as anybody planned."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from catalog import digest
from catalog.release import ReleaseContext
from lambdas.common import clients
from lambdas.common.refused import Refused
from lambdas.common.variants import describe


@dataclass(frozen=True)
class LiveEndpoint:
    """A SageMaker endpoint: its status, its config, and the image and S3 folder of its model."""

    name: str
    status: str
    config: str
    image: str
    location: str

    def digest(self) -> str:
        """Return the digest of what it serves; another configuration makes another one."""
        return _digest(self, ("name", "config", "image", "location"))


@dataclass(frozen=True)
class LiveService:
    """An ECS service: its task definition, image, archive digest, and whether it is steady."""

    name: str
    steady: bool
    task_definition: str
    image: str
    archive: str
    url: str

    def digest(self) -> str:
        """Return the digest of what it serves; another deployment makes another one."""
        return _digest(self, ("name", "task_definition", "image", "archive"))


LiveServer = LiveEndpoint | LiveService


@dataclass(frozen=True)
class LiveState:
    """Everything that serves a release in one environment."""

    endpoints: tuple[LiveEndpoint, ...]
    services: tuple[LiveService, ...]

    @property
    def servers(self) -> tuple[LiveServer, ...]:
        """Return endpoints and services in one."""
        return (*self.endpoints, *self.services)


def look(environment: str, release: ReleaseContext) -> LiveState:
    """Return the state of all endpoints and services that a release is served on.

    Raises:
        Refused: One is not deployed, or has nothing in front of it.
    """
    found = [look_at(environment, kind, name) for kind, name in servers_of(release)]
    return LiveState(
        tuple(item for item in found if isinstance(item, LiveEndpoint)),
        tuple(item for item in found if isinstance(item, LiveService)),
    )


def look_at(environment: str, kind: str, name: str) -> LiveServer:
    """Return the state of one endpoint or service.

    Raises:
        Refused: It is not deployed, two releases share it, or it has nothing in front of it.
    """
    return (_endpoint if kind == "endpoint" else _service)(environment, name)


def servers_of(release: ReleaseContext) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each endpoint and service that a release is served on."""
    for kind in ("endpoint", "service"):
        serves = [manifest.serve for manifest in release.all if manifest.serve["kind"] == kind]
        for name in sorted({serve["name"] for serve in serves}):
            yield kind, name


def _digest(server: LiveServer, what: tuple[str, ...]) -> str:
    """Return the digest of what is served; how the server is at the moment is no part of it."""
    known = asdict(server)
    return digest.of_document({name: known[name] for name in what})


def _endpoint(environment: str, name: str) -> LiveEndpoint:
    try:
        found = describe(f"slipway-{environment}-{name}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        raise Refused(f"endpoint {name}: {error}; deploy its stack") from error
    if len(found.serving) != 1:
        shares = ", ".join(f"{item.name} {item.weight:g}" for item in found.variants)
        raise Refused(
            f"endpoint {name}: {shares} share its traffic; let the weight shift come to an end"
        )
    (serving,) = found.serving
    return LiveEndpoint(name, found.status, found.config, serving.image, serving.location)


def _service(environment: str, name: str) -> LiveService:
    ecs = clients.client("ecs")
    full_name = f"slipway-{environment}-{name}"
    services = ecs.describe_services(cluster=f"slipway-{environment}", services=[full_name])
    if not services["services"]:
        raise Refused(f"service {full_name}: not there; deploy its stack")
    found = services["services"][0]
    steady = (
        len(found["deployments"]) == 1
        and found["runningCount"] >= found["desiredCount"] > 0
        and found["deployments"][0].get("rolloutState", "COMPLETED") == "COMPLETED"
    )
    arn = found["taskDefinition"]
    task = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    container = task["containerDefinitions"][0]
    variables = {item["name"]: item["value"] for item in container.get("environment", ())}
    return LiveService(
        name,
        steady,
        arn,
        container["image"],
        variables.get("SLIPWAY_ARTIFACT_SHA256", ""),
        _url(full_name, found.get("loadBalancers") or []),
    )


def _url(service: str, attached: list[dict[str, Any]]) -> str:
    if not attached:
        raise Refused(f"service {service}: has no load balancer, so nobody can ask it anything")
    elb = clients.client("elbv2")
    found = elb.describe_target_groups(TargetGroupArns=[attached[0]["targetGroupArn"]])
    balancers = found["TargetGroups"][0]["LoadBalancerArns"]
    found = elb.describe_load_balancers(LoadBalancerArns=balancers)
    return f"http://{found['LoadBalancers'][0]['DNSName']}"
