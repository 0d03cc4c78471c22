"""Rules on SageMaker models, endpoint configurations and machines."""

from collections.abc import Iterator

from stacks.rules.machines import (
    MULTI_MODEL_GPU,
    family,
    fleets,
    has_gpu,
    has_nvme,
    is_inferentia,
)
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template, text

VARIANTS = ("main", "blue", "green")
DRIVER_580 = "al2023-ami-sagemaker-inference-gpu-4-1"
GUIDE = "SageMaker developer guide"


@rule(
    why="SageMaker offers no host image for Inf1 (the Neuron one is Inferentia2's), so the fleet"
    " fails to start only after the deployment began",
    instead="leave InferenceAmiVersion out",
    source="CreateEndpointConfig, ProductionVariant.InferenceAmiVersion",
)
def inf1_host_image(template: Template) -> Iterator[Finding]:
    """InferenceAmiVersion on Inf1."""
    for fleet in fleets(template):
        version = fleet.variant.get("InferenceAmiVersion")
        if version and family(fleet.instance) == "inf1":
            yield Finding(
                fleet.config,
                "ProductionVariants.InferenceAmiVersion",
                f"variant {fleet.name} on {fleet.instance} asks for host image {text(version)}",
            )


@rule(
    why="Triton 25.09 needs NVIDIA driver 580 (CUDA 13.0) and the other host images carry 535 or"
    " 550, which shows only when the container does not start",
    instead=f"set InferenceAmiVersion to {DRIVER_580}",
    source="CreateEndpointConfig, InferenceAmiVersion; Triton compatibility matrix, 25.09",
)
def triton_host_image(template: Template) -> Iterator[Finding]:
    """A GPU fleet of Triton on another host image than the one with driver 580."""
    for fleet in fleets(template):
        version = text(fleet.variant.get("InferenceAmiVersion")) or "SageMaker's default"
        if has_gpu(fleet.instance) and "triton" in fleet.image and version != DRIVER_580:
            yield Finding(
                fleet.config,
                "ProductionVariants.InferenceAmiVersion",
                f"variant {fleet.name} on {fleet.instance} runs Triton on host image {version}",
            )


@rule(
    why="an instance with local NVMe storage is encrypted by its hardware and CreateEndpointConfig"
    " refuses the key, which neither cdk nor CloudFormation say before the deployment",
    instead="leave KmsKeyId out",
    source="CreateEndpointConfig, KmsKeyId",
)
def nvme_key(template: Template) -> Iterator[Finding]:
    """KmsKeyId on the EndpointConfig of instances with NVMe."""
    for fleet in fleets(template):
        if fleet.config.get("KmsKeyId") and has_nvme(fleet.instance):
            yield Finding(
                fleet.config, "KmsKeyId", f"{fleet.instance} has NVMe and the config a KmsKeyId"
            )


@rule(
    why="SageMaker attaches no volume to an instance with its own NVMe, so the size has no effect",
    instead="leave VolumeSizeInGB out, or take a type whose disk is large enough",
    source=f"{GUIDE}: multi-model-endpoints; host instance storage volumes",
)
def nvme_volume(template: Template) -> Iterator[Finding]:
    """VolumeSizeInGB on instances with NVMe, such as G5."""
    for fleet in fleets(template):
        size = fleet.variant.get("VolumeSizeInGB")
        if size and has_nvme(fleet.instance):
            yield Finding(
                fleet.config,
                "ProductionVariants.VolumeSizeInGB",
                f"variant {fleet.name} on {fleet.instance} asks for {size} GB of volume",
            )


@rule(
    why="guardrails want the same variant name before and after, and alarms, scaling and dashboards"
    " name it, so that a renamed variant is deployed unwatched",
    instead=f"name it {' or '.join(VARIANTS)} and never change it",
    source=f"{GUIDE}: deployment-guardrails-exclusions",
)
def variant_name(template: Template) -> Iterator[Finding]:
    """A variant that is not called main, blue or green."""
    for fleet in fleets(template):
        if fleet.name not in VARIANTS:
            yield Finding(
                fleet.config,
                "ProductionVariants.VariantName",
                f"a variant is called {fleet.name!r}",
            )


@rule(
    why="every change replaces it and the new one cannot take a name that is still in use, so that"
    " the first deployment works and the second fails",
    instead="leave the name to CloudFormation and refer to it",
    source="CloudFormation, AWS::SageMaker::Model and EndpointConfig: create-only properties",
)
def fixed_name(template: Template) -> Iterator[Finding]:
    """A Model or EndpointConfig with a name of its own."""
    for kind, key in (("Model", "ModelName"), ("EndpointConfig", "EndpointConfigName")):
        for resource in template.of(f"SageMaker::{kind}"):
            if resource.get(key):
                yield Finding(resource, key, f"the {kind} is named {text(resource.get(key))!r}")


@rule(
    why="SageMaker serves several models on a GPU from one-GPU types of p2, p3, g4dn and g5 alone,"
    " and on Inferentia not at all, which the API says only at deployment",
    instead="take ml.g5.xlarge (or a CPU type), or put all models into one container without"
    " Mode: MultiModel",
    source=f"{GUIDE}: multi-model-support",
)
def multi_model_machine(template: Template) -> Iterator[Finding]:
    """A multi-model endpoint on Inferentia, on G6 or on several GPUs."""
    for fleet in fleets(template):
        size = fleet.instance.removeprefix("ml.")
        special = has_gpu(fleet.instance) or is_inferentia(fleet.instance)
        if fleet.is_multi_model and special and size not in MULTI_MODEL_GPU:
            yield Finding(
                fleet.config,
                "ProductionVariants.InstanceType",
                f"variant {fleet.name} serves multi-model on {fleet.instance}",
            )


@rule(
    why="multi-model endpoints on GPUs work with Triton alone; another server's endpoint is made"
    " and its model loads fail",
    instead="serve with the Triton image, or one model to a container",
    source=f"{GUIDE}: multi-model-support",
)
def multi_model_server(template: Template) -> Iterator[Finding]:
    """A multi-model endpoint on a GPU whose image is not Triton."""
    for fleet in fleets(template):
        if fleet.is_multi_model and has_gpu(fleet.instance) and "triton" not in fleet.image:
            yield Finding(
                fleet.config,
                "ProductionVariants.ModelName",
                f"variant {fleet.name} serves multi-model on {fleet.instance} with image"
                f" {fleet.image}",
            )


@rule(
    why="the type is in the API's enumeration and no region hosts it, so that the deployment waits"
    " for capacity that never comes",
    instead="take ml.g5",
    source="CloudFormation schema of October 2026: hosting types by region",
)
def hosting_machine(template: Template) -> Iterator[Finding]:
    """Hosting on P3."""
    for fleet in fleets(template):
        if family(fleet.instance) in {"p3", "p3dn"}:
            yield Finding(
                fleet.config,
                "ProductionVariants.InstanceType",
                f"variant {fleet.name} is on {fleet.instance}",
            )
