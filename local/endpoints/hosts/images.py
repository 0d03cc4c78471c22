"""Which container images run here, and what runs in their stead."""

import re
from collections.abc import Callable

from local.endpoints.control.shapes import Json
from local.endpoints.errors import validation
from local.endpoints.hosts.multimodel import MultiModelServer
from local.endpoints.hosts.server import Means, Placement, Server
from local.endpoints.hosts.torchserve import TorchServeServer

REPOSITORIES: dict[str, Callable[[Placement, Means], Server]] = {
    "slipway/triton": MultiModelServer,
    "slipway/torchserve": TorchServeServer,
}
IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[^:@]+)[:@].+")


def server_of(image: str) -> Callable[[Placement, Means], Server]:
    """Return what makes the server of an image.

    Any tag of a known repository is served by the server installed here: what differs between
    releases travels in the archives.

    Raises:
        AwsError: No such image.
    """
    match = IMAGE.fullmatch(image)
    if match and match["repository"].endswith(("-inf1", "-inf2")):
        raise validation(f"{image}: needs a chip, and no CPU of the local cloud stands in for one.")
    made = REPOSITORIES.get(match["repository"]) if match else None
    if made is None:
        raise validation(f"Requested image {image} not found.")
    return made


def container_of(model: Json) -> Json:
    """Return a model's one container.

    Raises:
        AwsError: It has none or several.
    """
    containers = model.get("Containers", [])
    primary = model.get("PrimaryContainer")
    if primary and containers:
        raise validation("Containers and PrimaryContainer cannot both be specified.")
    if len(containers) > 1:
        raise validation("The local cloud runs one container per model; this one has several.")
    found: Json | None = primary or next(iter(containers), None)
    if found is None:
        raise validation("Either PrimaryContainer or Containers must be specified.")
    return found


def location_of(container: Json) -> str:
    """Return the S3 URL, ending in a slash, under which a container's models lie.

    Raises:
        AwsError: The container's data is no uncompressed prefix or multi-model prefix.
    """
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if source:
        if source.get("S3DataType") != "S3Prefix" or source.get("CompressionType") != "None":
            raise validation(
                "S3DataSource must have S3DataType S3Prefix and CompressionType None here."
            )
        return _prefix(source["S3Uri"])
    if container.get("Mode") == "MultiModel" and "ModelDataUrl" in container:
        return _prefix(container["ModelDataUrl"])
    raise validation(
        "The container needs Mode MultiModel with a ModelDataUrl prefix, or a "
        "ModelDataSource.S3DataSource prefix."
    )


def check_model(model: Json) -> None:
    """Judge a model's container before anything is kept.

    Raises:
        AwsError: It cannot be run.
    """
    container = container_of(model)
    if "Image" not in container:
        raise validation("The container definition must name an Image.")
    made = server_of(container["Image"])
    location_of(container)
    if made is MultiModelServer and container.get("Mode") != "MultiModel":
        raise validation("slipway/triton is served as a multi-model container: Mode MultiModel.")
    if "ExecutionRoleArn" not in model:
        raise validation("ExecutionRoleArn is required to download model data.")


def _prefix(url: str) -> str:
    return url if url.endswith("/") else url + "/"
