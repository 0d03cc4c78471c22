"""The variants of a SageMaker endpoint: which release each has, and its share of the traffic."""

from dataclasses import dataclass
from typing import Any

from lambdas.common import clients


@dataclass(frozen=True)
class Variant:
    """One variant: its weight, and the image and S3 folder of its model."""

    name: str
    weight: float
    image: str
    location: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as SageMaker describes it."""

    status: str
    config: str
    variants: tuple[Variant, ...]

    @property
    def serving(self) -> tuple[Variant, ...]:
        """Return the variants that have traffic; two while it is being shifted."""
        return tuple(variant for variant in self.variants if variant.weight > 0)


def describe(endpoint: str) -> Endpoint:
    """Return an endpoint by its full name."""
    sagemaker = clients.client("sagemaker")
    found = sagemaker.describe_endpoint(EndpointName=endpoint)
    config = found["EndpointConfigName"]
    declared = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    weights = {
        variant["VariantName"]: variant["CurrentWeight"]
        for variant in found.get("ProductionVariants", ())
    }
    variants = []
    for variant in declared:
        name = variant["VariantName"]
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
        container = model.get("PrimaryContainer") or model["Containers"][0]
        weight = float(weights.get(name, variant.get("InitialVariantWeight", 1.0)))
        location = container.get("ModelDataUrl") or _s3_uri(container)
        variants.append(Variant(name, weight, container["Image"], location))
    return Endpoint(found["EndpointStatus"], config, tuple(variants))


def _s3_uri(container: dict[str, Any]) -> str:
    return str(container["ModelDataSource"]["S3DataSource"]["S3Uri"])
