"""A release that stands for whatever will be served: templates need one, costs do not."""

from catalog import digest, load
from catalog.artifact import Evidence, FileEntry, Manifest, Measurement
from catalog.environment import Environment
from catalog.images import served_in
from catalog.instances import Instance, instance
from catalog.release import Release, ReleaseContext
from catalog.spec import ModelSpec

TAG = "0" * 16
FARGATE = Instance("cpu", "x86-64-v3", 0, 0)
# Scaling policies are made of it; how many machines there may be does not depend on it.
ANY_THROUGHPUT = Measurement("throughput", 1.0, 1)


def placeholder(environments: list[Environment]) -> ReleaseContext:
    """Return a release of the catalog's models, made for every place that environments have."""
    manifests: dict[str, dict[str, Manifest]] = {}
    for spec in load.load_models().values():
        made: dict[str, Manifest] = {
            machine.accelerator: _manifest(spec, machine)
            for environment in environments
            for machine in _places(spec, environment)
        }
        if made:
            manifests[spec.name] = made
    models = {
        name: {accelerator: item.digest() for accelerator, item in made.items()}
        for name, made in manifests.items()
    }
    return ReleaseContext(Release(models, "placeholder"), manifests)


def _places(spec: ModelSpec, environment: Environment) -> list[Instance]:
    """Return the machines that run a model in an environment: where it serves, and its batch."""
    served = [
        *(size.instance for name, size in environment.endpoints.items() if name == spec.serve.name),
        *(size.instance for name, size in environment.services.items() if name == spec.serve.name),
        *(size.instance for name, size in environment.batch.items() if name == spec.name),
    ]
    return [instance(name) if name else FARGATE for name in served]


def _manifest(spec: ModelSpec, machine: Instance) -> Manifest:
    nothing = digest.of_bytes(b"")
    suffix = "mar" if spec.serve.runtime == "torchserve" else "tar.gz"
    return Manifest(
        model=spec.name,
        task=spec.task,
        family=spec.family,
        accelerator=machine.accelerator,
        architecture=machine.architecture,
        precision="fp32",
        engine="none",
        key=nothing,
        key_inputs={},
        toolchain={},
        runtime_image=f"slipway/{served_in(spec.serve.runtime, machine.accelerator)}:{TAG}",
        serve=spec.serve.model_dump(),
        archive=FileEntry(f"{spec.name}.{suffix}", nothing, 0),
        files=(),
        evidence=Evidence("none", nothing, {}, {}, (ANY_THROUGHPUT,), ()),
        examples=(),
        provenance={},
    )
