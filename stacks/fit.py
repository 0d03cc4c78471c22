"""Refuse at synth what else fails in a container: an artifact that does not fit its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.artifact import Manifest
from catalog.gpu import TENSORRT, same_tensorrt


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


def artifacts_for(slot: Slot, offered: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """Return what a slot serves: of all that a release offers it, what its accelerator runs.

    Raises:
        Misfit: A model is not made for this accelerator; the message says what it is made for.
    """
    fitting = tuple(item for item in offered if item.accelerator == slot.accelerator)
    for model in sorted({item.model for item in offered} - {item.model for item in fitting}):
        made = "; ".join(f"({_made_for(item)})" for item in offered if item.model == model)
        raise Misfit(
            f"{slot.name}: model {model} is made for {made}, here is ({_offers(slot)}); "
            "build it for a target of this environment"
        )
    return fitting


def image_for(slot: Slot, manifests: Sequence[Manifest]) -> str:
    """Return the one image (`slipway/<runtime>:<tag>`) that loads all the artifacts of a slot.

    Raises:
        Misfit: There is none; the message shows what the artifact is made for and what is here.
    """
    if not manifests:
        raise Misfit(
            f"{slot.name}: the release has no model for it; give a catalog row `serve: {{name: "
            f"{slot.name.rsplit('-', 1)[-1]}}}` and build it, or take it out of the environment"
        )
    for manifest in manifests:
        if not _fits(slot, manifest):
            raise Misfit(
                f"{slot.name}: model {manifest.model} is made for ({_made_for(manifest)}), here is "
                f"({_offers(slot)}); build it for a target of this environment"
            )
    images = {manifest.runtime_image for manifest in manifests}
    if len(images) > 1:
        made = "; ".join(f"{item.model} for ({_made_for(item)})" for item in manifests)
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
        and same_tensorrt(manifest.toolchain.get("tensorrt", TENSORRT))
    )


def _offers(slot: Slot) -> str:
    architecture = slot.architecture or "any"
    engine = f", tensorrt {TENSORRT}" if slot.accelerator == "g5" else ""
    return f"{slot.runtime}, {slot.accelerator}, {architecture}{engine}: {slot.machine}"


def _made_for(manifest: Manifest) -> str:
    version = manifest.toolchain.get("tensorrt")
    engine = f", tensorrt {version}" if version else ""
    return f"{manifest.runtime_image}, {manifest.accelerator}, {manifest.architecture}{engine}"
