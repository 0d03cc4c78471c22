"""The endpoint configuration of one release: machines, weights, disks, metrics and captures."""

from collections.abc import Mapping

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.acknowledge import acknowledge
from stacks.endpoint.hosting import Hosting

_Config = sagemaker.CfnEndpointConfig

CAPTURES = "capture"  # the folder of the environment's bucket: capture/ENDPOINT/VARIANT/yyyy/mm/...
METRIC_SECONDS = 10
START_SECONDS = 900  # engines and Neuron programs load before the first ping is answered

# The driver on the host must be the one that the runtime image was made for.
HOST_IMAGES = {
    "g5": "al2023-ami-sagemaker-inference-gpu-4-1",
    "inf2": "al2-ami-sagemaker-inference-neuron-2",
}


def endpoint_config(
    scope: Construct, id_: str, *, hosting: Hosting, models: Mapping[str, str], weights: list[float]
) -> sagemaker.CfnEndpointConfig:
    """Make the configuration; SageMaker cannot change one, so each release has its own, unnamed.

    Args:
        scope: The parent.
        id_: The construct id.
        hosting: What all variants share.
        models: The SageMaker model of each variant.
        weights: The variants' shares of traffic when the configuration takes over.
    """
    nvme = hosting.machine.nvme
    config = _Config(
        scope,
        id_,
        production_variants=[
            _variant(hosting, variant, model, weight)
            for (variant, model), weight in zip(models.items(), weights, strict=True)
        ],
        # NVMe disks encrypt themselves: SageMaker refuses a key for them
        kms_key_id=None if nvme else hosting.key.key_arn,
        data_capture_config=_capture(hosting),
        metrics_config=_Config.MetricsConfigProperty(
            enable_enhanced_metrics=True,  # else invocations are counted once a minute
            metric_publish_frequency_in_seconds=METRIC_SECONDS,
            enable_detailed_observability=hosting.multi_model,  # Triton's own, by model
        ),
    )
    if nvme:
        acknowledge(
            config,
            "The disks of this instance type are NVMe and encrypt themselves; a key is refused.",
            "NIST.800.53.R5-SageMakerEndpointConfigurationKMSKeyConfigured",
        )
    return config


def _variant(
    hosting: Hosting, name: str, model: str, weight: float
) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    return _Config.ProductionVariantProperty(
        variant_name=name,
        model_name=model,
        instance_type=hosting.size.instance,
        initial_instance_count=hosting.first_count,
        initial_variant_weight=weight,
        inference_ami_version=HOST_IMAGES.get(hosting.machine.accelerator),
        container_startup_health_check_timeout_in_seconds=START_SECONDS,
        # to the machine with the fewest calls open: at random, one slow call makes a queue
        routing_config=_Config.RoutingConfigProperty(routing_strategy="LEAST_OUTSTANDING_REQUESTS"),
    )


def own_capture(hosting: Hosting, variant: str) -> dict[str, str]:
    """Return the variables by which a variant's containers name themselves, and keep records."""
    named = {"SLIPWAY_ENDPOINT": hosting.name, "SLIPWAY_VARIANT": variant}
    if not hosting.captures:
        return named
    return named | {
        "SLIPWAY_CAPTURE": hosting.bucket.s3_url_for_object(CAPTURES),
        "SLIPWAY_CAPTURE_SHARE": f"{hosting.environment.monitoring.capture_percent / 100:g}",
        "SLIPWAY_CAPTURE_KMS_KEY": hosting.key.key_arn,
    }


def _capture(hosting: Hosting) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None:
    """Return what SageMaker keeps of the traffic, where its Model Monitor looks at it.

    Its records do not name the model that was asked. Elsewhere the containers write their own,
    which do: see `own_capture`.
    """
    percent = hosting.environment.monitoring.capture_percent
    if percent == 0 or hosting.captures:
        return None
    return _Config.DataCaptureConfigProperty(
        enable_capture=True,
        initial_sampling_percentage=percent,
        destination_s3_uri=hosting.bucket.s3_url_for_object(CAPTURES),
        kms_key_id=hosting.key.key_arn,
        capture_options=[
            _Config.CaptureOptionProperty(capture_mode="Input"),
            _Config.CaptureOptionProperty(capture_mode="Output"),
        ],
        capture_content_type_header=_Config.CaptureContentTypeHeaderProperty(
            json_content_types=["application/json"]  # anything else is kept as base64
        ),
    )
