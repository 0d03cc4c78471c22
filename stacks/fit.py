"""Refuse at synth what else fails in a container: an artifact that does not fit its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.artifact import Manifest


class Misfit(Exception):
    """An artifact was made for another image or machine than the environment has."""


@dataclass(frozen=True)
class Slot:
    """A place where artifacts are served.

    Attributes:
        name: The endpoint or service, such as `slipway-dev-search`.
        runtime: The runtime image it runs, such as `triton`.
        accelerator: What computes there, such as `cpu`.
        architecture: What code must be compiled for; None where the machine is not ours to choose.
        machine: The instance type, or `Fargate`, for people.
    """

    name: str
    runtime: str
    accelerator: str
    architecture: str | None
    machine: str


def image_for(slot: Slot, manifests: Mapping[str, Manifest]) -> str:
    """Return the one image (`slipway/<runtime>:<tag>`) that loads all the artifacts of a slot.

    Raises:
        Misfit: There is none; the message shows what the artifact is made for and what is here.
    """
    if not manifests:
        raise Misfit(
            f"{slot.name}: the release has no model for it; give a catalog row `serve: {{name: "
            f"{slot.name.rsplit('-', 1)[-1]}}}` and build it, or take it out of the environment"
        )
    for model, manifest in manifests.items():
        if not _fits(slot, manifest):
            raise Misfit(
                f"{slot.name}: model {model} is made for ({_made_for(manifest)}), here is "
                f"({slot.runtime}, {slot.accelerator}, {slot.architecture or 'any'}: "
                f"{slot.machine}); build it for a target of this environment"
            )
    images = {manifest.runtime_image for manifest in manifests.values()}
    if len(images) > 1:
        made = "; ".join(f"{model} for ({_made_for(item)})" for model, item in manifests.items())
        raise Misfit(
            f"{slot.name}: one container serves all its models, but they are made for different "
            f"images: {made}; build the older ones again"
        )
    return images.pop()


def _fits(slot: Slot, manifest: Manifest) -> bool:
    return (
        manifest.runtime == slot.runtime
        and manifest.accelerator == slot.accelerator
        and slot.architecture in (None, manifest.architecture)
    )


def _made_for(manifest: Manifest) -> str:
    return f"{manifest.runtime_image}, {manifest.accelerator}, {manifest.architecture}"
