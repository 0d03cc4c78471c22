"""What must be true of a live environment before a release counts as deployed; pure."""

import json
from collections.abc import Sequence
from typing import Any

from catalog import bucket
from catalog.artifact import Example, Manifest
from catalog.release import ReleaseContext
from lambdas.common.live import LiveState
from lambdas.common.refused import Refused

TOLERANCE = 0.02
"""Numbers of another machine's kernels differ in the last digits; labels do not."""


def check_state(
    state: LiveState, release: ReleaseContext, environment_bucket: str
) -> tuple[Manifest, ...]:
    """Return the manifests that are live; refuse a live state that is not this release's.

    Raises:
        Refused: Something is not in service, or serves something else.
    """
    problems, live = [], []
    for endpoint in state.endpoints:
        made_for = {
            f"s3://{environment_bucket}/{_folder(manifest, release)}": manifest.accelerator
            for manifest in release.served_on("endpoint", endpoint.name)
        }
        accelerator = made_for.get(endpoint.location)
        if endpoint.status != "InService":
            problems.append(f"endpoint {endpoint.name}: status {endpoint.status}, not InService")
        if accelerator is None:
            problems.append(
                f"endpoint {endpoint.name}: its config {endpoint.config} loads "
                f"{endpoint.location}, this release lies under {' or '.join(made_for)}"
            )
        served = _of(release.served_on("endpoint", endpoint.name), accelerator)
        problems += _image_problems(f"endpoint {endpoint.name}", endpoint.image, served)
        live += served
    for service in state.services:
        offered = release.served_on("service", service.name)
        served = [item for item in offered if item.archive.sha256 == service.archive]
        if not service.steady:
            problems.append(f"service {service.name}: its deployment has not settled")
        if not served:
            archives = ", ".join(item.archive.sha256 for item in offered)
            problems.append(
                f"service {service.name}: {service.task_definition} runs archive "
                f"{service.archive or 'none'}, this release has {archives}"
            )
        problems += _image_problems(f"service {service.name}", service.image, served)
        live += served
    if problems:
        raise Refused(
            f"release {release.hex[:12]} is not live: {'; '.join(problems)}; deploy it first"
        )
    return tuple(live)


def _folder(manifest: Manifest, release: ReleaseContext) -> str:
    return bucket.live_prefix(manifest.serve["name"], release.hex, manifest.accelerator)


def _of(manifests: Sequence[Manifest], accelerator: str | None) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest.accelerator == accelerator]


def _image_problems(server: str, image: str, manifests: Sequence[Manifest]) -> list[str]:
    return [
        f"{server}: runs {image}, model {manifest.model} needs {manifest.runtime_image}"
        for manifest in manifests
        if not image.endswith(f"/{manifest.runtime_image}") and image != manifest.runtime_image
    ]


def objection(manifest: Manifest, example: Example, answer: Any) -> str:
    """Return why an answer is not the one that the gates saw, or an empty string."""
    if _same(example.output, answer):
        return ""
    asked = example.input if manifest.task != "image-classification" else "an image"
    return (
        f"{manifest.model}: asked {_short(asked)}, "
        f"answered {_short(answer)}, expected {_short(example.output)}"
    )


def _same(expected: Any, answer: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(answer, int | float):
        return abs(expected - answer) <= TOLERANCE
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return (
            isinstance(answer, Sequence)
            and len(answer) == len(expected)
            and all(_same(one, other) for one, other in zip(expected, answer, strict=True))
        )
    return bool(expected == answer)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 120 else f"{text[:117]}..."
