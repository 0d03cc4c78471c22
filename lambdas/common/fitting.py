"""What must be true of what is live for it to be a release; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog import bucket
from catalog.artifact import Manifest
from catalog.release import ReleaseContext
from lambdas.common.live import LiveEndpoint, LiveServer, LiveState
from lambdas.common.refused import Refused


@dataclass(frozen=True)
class Fit:
    """How an endpoint or service fits a release.

    Attributes:
        served: What it serves of the release.
        foreign: Why what it serves is not the release's; empty where it is.
        unsettled: Why it is not at rest; empty where it is.
    """

    served: tuple[Manifest, ...]
    foreign: tuple[str, ...]
    unsettled: tuple[str, ...]


def check_state(
    state: LiveState, release: ReleaseContext, environment_bucket: str
) -> tuple[Manifest, ...]:
    """Return the manifests that are live; refuse a live state that is not this release's.

    Raises:
        Refused: Something is not in service, or serves something else.
    """
    found = [fit(server, release, environment_bucket) for server in state.servers]
    problems = [text for item in found for text in (*item.unsettled, *item.foreign)]
    if problems:
        raise Refused(
            f"release {release.hex[:12]} is not live: {'; '.join(problems)}; deploy it first"
        )
    return tuple(manifest for item in found for manifest in item.served)


def fit(server: LiveServer, release: ReleaseContext, environment_bucket: str) -> Fit:
    """Return how one endpoint or service fits a release."""
    if isinstance(server, LiveEndpoint):
        return _endpoint(server, release, environment_bucket)
    offered = release.served_on("service", server.name)
    served = tuple(item for item in offered if item.archive.sha256 == server.archive)
    title, foreign, unsettled = f"service {server.name}", [], []
    if not server.steady:
        unsettled.append(f"{title}: its deployment has not settled")
    if not served:
        archives = ", ".join(item.archive.sha256 for item in offered)
        foreign.append(
            f"{title}: {server.task_definition} runs archive "
            f"{server.archive or 'none'}, this release has {archives}"
        )
    foreign += _image_problems(title, server.image, served)
    return Fit(served, tuple(foreign), tuple(unsettled))


def _endpoint(server: LiveEndpoint, release: ReleaseContext, environment_bucket: str) -> Fit:
    offered = release.served_on("endpoint", server.name)
    made_for = {
        f"s3://{environment_bucket}/{_folder(item, release)}": item.accelerator for item in offered
    }
    accelerator = made_for.get(server.location)
    served = tuple(item for item in offered if item.accelerator == accelerator)
    title, foreign, unsettled = f"endpoint {server.name}", [], []
    if server.status != "InService":
        unsettled.append(f"{title}: status {server.status}, not InService")
    if accelerator is None:
        foreign.append(
            f"{title}: its config {server.config} loads {server.location}, "
            f"this release lies under {' or '.join(made_for)}"
        )
    foreign += _image_problems(title, server.image, served)
    return Fit(served, tuple(foreign), tuple(unsettled))


def _folder(manifest: Manifest, release: ReleaseContext) -> str:
    return bucket.live_prefix(manifest.serve["name"], release.hex, manifest.accelerator)


def _image_problems(server: str, image: str, manifests: Sequence[Manifest]) -> list[str]:
    return [
        f"{server}: runs {image}, model {manifest.model} needs {manifest.runtime_image}"
        for manifest in manifests
        if not image.endswith(f"/{manifest.runtime_image}") and image != manifest.runtime_image
    ]
