"""Which models of a release an environment serves, and where: what is watched model by model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.artifact import Manifest
from catalog.instances import instance
from stacks import names
from stacks.delivery import Delivery


@dataclass(frozen=True)
class ServedModel:
    """One model where it serves.

    Attributes:
        model: Its name in the catalog.
        target: The endpoint's or service's full name, as captures and metrics have it.
        kind: Which of the two.
        manifest: What serves.
    """

    model: str
    target: str
    kind: Literal["endpoint", "service"]
    manifest: Manifest


def served_models(delivery: Delivery) -> tuple[ServedModel, ...]:
    """Return the models of a release that answer in its environment, endpoints first."""
    environment = delivery.environment
    found = []
    for name, endpoint in sorted(environment.endpoints.items()):
        chip = instance(endpoint.instance).accelerator
        target = names.endpoint(environment.name, name)
        found += [
            ServedModel(manifest.model, target, "endpoint", manifest)
            for manifest in delivery.release.served_on("endpoint", name)
            if manifest.accelerator == chip
        ]
    for running, service in sorted(environment.services.items()):
        target = names.service(environment.name, running)
        found += [
            ServedModel(manifest.model, target, "service", manifest)
            for manifest in delivery.release.served_on("service", running)
            if manifest.accelerator == service.accelerator
        ]
    return tuple(found)


def as_arguments(models: Sequence[ServedModel]) -> list[str]:
    """Return the models as the drift job's arguments: `MODEL,ENDPOINT,TASK,MANIFEST` each.

    SageMaker takes 256 characters an argument or variable: all models in one would be refused.
    """
    return [
        f"{item.model},{item.target},{item.manifest.task},{item.manifest.digest()}"
        for item in models
    ]
