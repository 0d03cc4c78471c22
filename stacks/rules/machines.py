"""What rules know of instance types and of the fleets behind endpoints."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.rules.template import Resource, Template, text

_GPU = re.compile(r"^(g\d|gr\d|p\d)")
_NVME = re.compile(r"^([a-z]+\d[a-z]*d[a-z]*|g[56]e?|gr6|p5en?|trn\d.*)$")
_SINGLE_GPU = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge")
MULTI_MODEL_GPU = {
    "p2.xlarge", "p3.2xlarge",
    *(f"{family}.{size}" for family in ("g5", "g4dn") for size in _SINGLE_GPU),
}  # fmt: skip


def family(instance: str) -> str:
    """Return `g5` of `ml.g5.xlarge` and of `g5.xlarge`."""
    return instance.removeprefix("ml.").split(".")[0]


def has_gpu(instance: str) -> bool:
    """Say whether a type has an NVIDIA GPU."""
    return bool(_GPU.match(family(instance)))


def is_inferentia(instance: str) -> bool:
    """Say whether a type has AWS's own inference or training chips."""
    return family(instance).startswith(("inf", "trn"))


def has_nvme(instance: str) -> bool:
    """Say whether a type brings its own NVMe disk."""
    return bool(_NVME.match(family(instance)))


@dataclass(frozen=True)
class Fleet:
    """A SageMaker endpoint (where there is one), its configuration and one of its variants."""

    endpoint: Resource | None
    config: Resource
    variant: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return the variant's name."""
        return text(self.variant.get("VariantName"))

    @property
    def instance(self) -> str:
        """Return the instance type; empty for a serverless variant."""
        return text(self.variant.get("InstanceType"))

    @property
    def count(self) -> Any:
        """Return how many instances it starts with."""
        return self.variant.get("InitialInstanceCount", 1)

    @property
    def model(self) -> Resource | None:
        """Return the model, where it is in this template."""
        return self.config.template.follow(self.variant.get("ModelName"))

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        """Return the containers of the model."""
        if self.model is None:
            return []
        primary = self.model.get("PrimaryContainer")
        return [*([primary] if primary else []), *self.model.items("Containers")]

    @property
    def is_multi_model(self) -> bool:
        """Say whether models are loaded on demand from a prefix."""
        return any(container.get("Mode") == "MultiModel" for container in self.containers)

    @property
    def image(self) -> str:
        """Return the first container's image."""
        return text(self.containers[0].get("Image")) if self.containers else ""


def fleets(template: Template) -> Iterator[Fleet]:
    """Yield every variant of every endpoint configuration, with the endpoint that uses it."""
    users = {
        config.logical_id: endpoint
        for endpoint in template.of("SageMaker::Endpoint")
        if (config := template.follow(endpoint.get("EndpointConfigName")))
    }
    for config in template.of("SageMaker::EndpointConfig"):
        for variant in config.items("ProductionVariants"):
            yield Fleet(users.get(config.logical_id), config, variant)


def fleets_of(template: Template, endpoint_name: str) -> list[Fleet]:
    """Return the variants of an endpoint of the app by its name."""
    return [
        fleet
        for other in template.others
        for fleet in fleets(other)
        if fleet.endpoint and text(fleet.endpoint.get("EndpointName")) == endpoint_name
    ]
