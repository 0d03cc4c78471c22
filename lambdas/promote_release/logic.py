"""What a promotion moves, and what it refuses; pure."""

from collections.abc import Iterable, Mapping

from catalog import bucket
from catalog.artifact import Evidence, Manifest
from catalog.chip import unproven
from catalog.gpu import TENSORRT, same_tensorrt
from catalog.release import ReleaseContext
from lambdas.common.refused import Refused

RUNTIME_OF = {"search": "triton", "ads": "torchserve", "intent": "intent"}
BATCH = "batch"
SUFFIX_OF = {"triton": ".tar.gz", "torchserve": ".mar", "intent": ".tar.gz"}


def check_fit(manifests: Iterable[Manifest]) -> None:
    """Refuse artifacts that what serves them could not load.

    Raises:
        Refused: An artifact is for another runtime, models of one server for different images, or
            an engine for another TensorRT than the image's.
    """
    images: dict[tuple[str, str], str] = {}
    for manifest in manifests:
        model, server = manifest.model, manifest.serve["name"]
        runtime = RUNTIME_OF.get(server)
        if manifest.runtime == BATCH:  # for chips that the server does not run on
            continue
        if manifest.runtime != runtime or not manifest.archive.path.endswith(SUFFIX_OF[runtime]):
            raise Refused(
                f"{model}: {manifest.archive.path} is made for {manifest.runtime_image}, but "
                f"{server!r} runs {runtime or 'nothing we know'}; build it for its server"
            )
        version = manifest.toolchain.get("tensorrt", TENSORRT)
        if not same_tensorrt(version):
            raise Refused(
                f"{model}: engine made for ({manifest.runtime_image}, {manifest.architecture},"
                f" tensorrt {version}), the images have tensorrt {TENSORRT}: build it again"
            )
        first = images.setdefault((server, manifest.accelerator), manifest.runtime_image)
        if first != manifest.runtime_image:
            raise Refused(
                f"{model}: made for {manifest.runtime_image}, but other models of {server!r} for "
                f"{first}; one server runs one image, so build them all from one commit"
            )


def check_proven(
    manifests: Iterable[Manifest], chip: Mapping[str, Evidence], environment: str
) -> None:
    """Refuse artifacts that no chip has shown to hold what their gates ask.

    Args:
        manifests: The release's.
        chip: What chips have shown, by artifact.
        environment: Which takes proven artifacts alone.

    Raises:
        Refused: Names models, accelerators, metrics and what would prove them.
    """
    open_ = []
    for manifest in manifests:
        lacking = unproven(manifest, chip.get(manifest.digest()))
        if lacking:
            open_.append(
                f"{manifest.model} for {manifest.accelerator}: {', '.join(lacking)}"
                f" (artifact {manifest.digest()[:12]})"
            )
    if open_:
        raise Refused(
            f"{environment} takes proven artifacts alone, and no chip has shown {'; '.join(open_)}."
            " Where the stage Prove of the pipeline could not, run `python -m model_build onchip"
            " --release HEX` on a host with the chip, and promote again"
        )


def live_keys(release: ReleaseContext) -> dict[str, str]:
    """Return what an environment's endpoints load: S3 key -> content digest.

    Services load content by its digest and need nothing laid out.
    """
    return {
        bucket.live_prefix(manifest.serve["name"], release.hex, manifest.accelerator)
        + manifest.archive.path: manifest.archive.sha256
        for manifest in release.all
        if manifest.serve["kind"] == "endpoint" and manifest.runtime != BATCH
    }


def arrival(
    release: ReleaseContext, name: str, accelerator: str, environment_bucket: str
) -> tuple[str, str]:
    """Return the runtime image and the S3 folder of a release on one endpoint.

    Raises:
        Refused: The release has nothing for the endpoint's accelerator.
    """
    offered = release.served_on("endpoint", name)
    images = {item.runtime_image for item in offered if item.accelerator == accelerator}
    if len(images) != 1:
        raise Refused(
            f"release {release.hex[:12]} has no models for endpoint {name!r} on {accelerator}: "
            "build them, or change the environment's instance"
        )
    folder = bucket.live_prefix(name, release.hex, accelerator)
    return images.pop(), f"s3://{environment_bucket}/{folder}"
