"""All resource types that the local cloud adds."""

from local.emulator.cloudformation import batch, ec2, ecs, sagemaker, simple
from local.emulator.extension import Registry


def register(registry: Registry) -> None:
    """Add them."""
    for module in (batch, ec2, ecs, sagemaker, simple):
        module.register(registry)
