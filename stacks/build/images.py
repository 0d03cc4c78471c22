"""The build that makes images: both pipelines have one."""

from collections.abc import Mapping

from aws_cdk import aws_ecr as ecr

from stacks.accounts import Place
from stacks.build import policy
from stacks.build.construct import BuildSpec
from stacks.build.machine import Machine

# AWS' own registry of deep learning images, by region: the base of the Triton image.
AWS_IMAGES_ELSEWHERE = {
    "ap-east-1": "871362719292",
    "ca-west-1": "204538143572",
    "eu-south-1": "692866216735",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
}
AWS_IMAGES = "763104351884"
TRITON_BASE = "sagemaker-tritonserver"


def triton_registry(region: str) -> Place:
    """Return where AWS keeps its Triton image in a region."""
    return Place(AWS_IMAGES_ELSEWHERE.get(region, AWS_IMAGES), region)


def images_spec(name: str, repositories: Mapping[str, ecr.IRepository], place: Place) -> BuildSpec:
    """Return how images are built, in CodeBuild's own image, which has Docker.

    Args:
        name: The project, less `slipway-`.
        repositories: Where the tooling's images are pushed to, by runtime.
        place: Where they are.
    """
    registry = triton_registry(place.region)
    return BuildSpec(
        name=name,
        spec="images",
        description="Builds, pushes and scans the images that no registry holds yet.",
        minutes=120,
        machine=Machine("large", image=None, docker=True),
        environment={
            "IMAGES": " ".join(repositories),
            "SLIPWAY_REGISTRY": place.image("").rstrip("/"),
            "SLIPWAY_TRITON_REGISTRY": registry.image("").rstrip("/"),
        },
        permissions=policy.images(
            list(repositories.values()), [registry.arn("ecr", f"repository/{TRITON_BASE}")]
        ),
    )
