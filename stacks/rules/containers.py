"""Rules on what the containers behind an endpoint are told: Triton's settings, data capture."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.rules.machines import Fleet, fleets
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template, text

ENTRY_POINT = "Triton, docker/sagemaker/serve"


@rule(
    why="the image's default is verbose, so that every request is logged, paid for and slowed",
    instead="set SAGEMAKER_TRITON_LOG_VERBOSE to false",
    source=ENTRY_POINT,
)
def triton_verbose(template: Template) -> Iterator[Finding]:
    """Triton without SAGEMAKER_TRITON_LOG_VERBOSE=false."""
    for fleet in fleets(template):
        if "triton" in fleet.image and not _says(fleet, "SAGEMAKER_TRITON_LOG_VERBOSE", "false"):
            yield Finding(
                fleet.model or fleet.config,
                "PrimaryContainer.Environment",
                f"variant {fleet.name} runs Triton with its default log level",
            )


@rule(
    why="SageMaker then scrapes a container whose metrics are off by default and finds none",
    instead="set SAGEMAKER_TRITON_ALLOW_METRICS to true, or EnableDetailedObservability to false",
    source=f"{ENTRY_POINT}; MetricsConfig in the API reference",
)
def triton_metrics_off(template: Template) -> Iterator[Finding]:
    """Detailed observability of a Triton whose metrics are off."""
    for fleet in fleets(template):
        asked = fleet.config.get("MetricsConfig.EnableDetailedObservability")
        allowed = _says(fleet, "SAGEMAKER_TRITON_ALLOW_METRICS", "true")
        if asked and "triton" in fleet.image and not allowed:
            yield Finding(
                fleet.config,
                "MetricsConfig.EnableDetailedObservability",
                f"variant {fleet.name} is to be scraped and its Triton gives no metrics",
            )


@rule(
    why="the entry point hands the value on to --model-namespacing, so that `true` switches on what"
    " its name says it disables",
    instead="write `false` to disable it",
    source=ENTRY_POINT,
)
def triton_namespacing(template: Template) -> Iterator[Finding]:
    """SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING=true."""
    for fleet in fleets(template):
        if _says(fleet, "SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING", "true"):
            yield Finding(
                fleet.model or fleet.config,
                "PrimaryContainer.Environment",
                "SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING is true",
            )


@rule(
    why="SageMaker does not check the destination: capture goes on outside the environment's key,"
    " retention and policies, or fails record by record without a metric",
    instead="write s3://, a reference to the environment's bucket, and a prefix",
    source="CreateEndpointConfig, DataCaptureConfig",
)
def capture_outside(template: Template) -> Iterator[Finding]:
    """Data capture into a bucket that no stack of the app makes."""
    buckets = {text(item.get("BucketName")) for item in template.everywhere("S3::Bucket")} - {""}
    for config in template.of("SageMaker::EndpointConfig"):
        uri = config.get("DataCaptureConfig.DestinationS3Uri")
        if not uri or not config.get("DataCaptureConfig.EnableCapture", True):
            continue
        if text(uri).removeprefix("s3://").split("/")[0] not in buckets and not any(
            found.kind == "AWS::S3::Bucket"
            for part in _parts(uri)
            if (found := template.follow(part))
        ):
            yield Finding(
                config,
                "DataCaptureConfig.DestinationS3Uri",
                f"captured data goes to {text(uri)}",
            )


def _parts(value: Any) -> list[Any]:
    """Return the pieces that a joined text is made of."""
    if isinstance(value, Mapping) and "Fn::Join" in value:
        return [piece for part in value["Fn::Join"][1] for piece in _parts(part)]
    return [value]


def _says(fleet: Fleet, variable: str, wanted: str) -> bool:
    return any(
        text(container.get("Environment", {}).get(variable)).lower() == wanted
        for container in fleet.containers
    )
