"""A release as a build would make it, without building: an artifact for every catalog model."""

from dataclasses import replace

from catalog import digest, load
from catalog.artifact import Evidence, FileEntry, Manifest, Measurement, Verdict
from catalog.release import Release, ReleaseContext
from catalog.spec import ModelSpec

TAG = "0123456789abcdef"
COMMIT = "c0ffee" + "0" * 34
ARCHITECTURES = {"cpu": "x86-64-v4", "g5": "sm_86", "inf1": "neuroncore-v1"}


def manifest_of(spec: ModelSpec, accelerator: str = "cpu") -> Manifest:
    """Return the manifest of a model's target for an accelerator."""
    target = spec.target(accelerator)
    suffix = "mar" if spec.serve.runtime == "torchserve" else "tar.gz"
    content = digest.of_bytes(spec.name.encode())
    return Manifest(
        model=spec.name,
        task=spec.task,
        family=spec.family,
        accelerator=target.accelerator,
        architecture=target.architecture,
        precision="int8",
        engine="onnxruntime",
        key=digest.of_bytes(b"key of " + spec.name.encode()),
        key_inputs={},
        toolchain={},
        runtime_image=f"slipway/{spec.serve.runtime}:{TAG}",
        serve=spec.serve.model_dump(),
        archive=FileEntry(f"{spec.name}.{suffix}", content, 1000),
        files=(),
        evidence=Evidence(
            golden="golden",
            golden_digest=content,
            machine={},
            conditions={},
            measurements=(Measurement("throughput", 100.0, 1000),),
            verdicts=(Verdict("agreement", {}, True, "so"),),
        ),
        examples=(),
        provenance={},
    )


def release_of(*manifests: Manifest) -> ReleaseContext:
    """Return a release of manifests."""
    models: dict[str, dict[str, str]] = {}
    made: dict[str, dict[str, Manifest]] = {}
    for item in manifests:
        models.setdefault(item.model, {})[item.accelerator] = item.digest()
        made.setdefault(item.model, {})[item.accelerator] = item
    return ReleaseContext(Release(models, COMMIT), made)


def sample_release() -> ReleaseContext:
    """Return a release of the whole catalog."""
    return release_of(*(manifest_of(spec) for spec in load.load_models().values()))


def accelerated_release() -> ReleaseContext:
    """Return a release with each model for every accelerator, and the duplicates' batch."""
    made = []
    for spec in load.load_models().values():
        manifest = manifest_of(spec)
        if spec.name == "duplicates":
            batch = replace(
                manifest,
                model="duplicates-batch",
                runtime_image=f"slipway/batch:{TAG}",
                serve={"kind": "batch", "name": "duplicates"},
            )
            made += [_compiled(batch, *item) for item in ARCHITECTURES.items()]
        made += [_compiled(manifest, *item) for item in ARCHITECTURES.items()]
    return release_of(*made)


def _compiled(manifest: Manifest, accelerator: str, architecture: str) -> Manifest:
    return replace(manifest, accelerator=accelerator, architecture=architecture)
