"""A release that stands for whatever will be served: templates need one, costs do not."""

from catalog import digest, load
from catalog.artifact import Evidence, FileEntry, Manifest, Measurement
from catalog.environment import Environment
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
        for environment in environments:
            machine = _place(spec, environment)
            if machine is not None:
                made = manifests.setdefault(spec.name, {})
                made[machine.accelerator] = _manifest(spec, machine)
    models = {
        name: {accelerator: item.digest() for accelerator, item in made.items()}
        for name, made in manifests.items()
    }
    return ReleaseContext(Release(models, "placeholder"), manifests)


def _place(spec: ModelSpec, environment: Environment) -> Instance | None:
    """Return the machine that serves a model in an environment."""
    kind, name = spec.serve.kind, spec.serve.name
    sizes = {
        "endpoint": environment.endpoints, "service": environment.services,
        "batch": environment.batch,
    }[kind]  # fmt: skip
    size = dict(sizes).get(name)  # type: ignore[call-overload]
    if size is None:
        return None
    return instance(size.instance) if size.instance else FARGATE


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
        runtime_image=f"slipway/{spec.serve.runtime}:{TAG}",
        serve=spec.serve.model_dump(),
        archive=FileEntry(f"{spec.name}.{suffix}", nothing, 0),
        files=(),
        evidence=Evidence("none", nothing, {}, {}, (ANY_THROUGHPUT,), ()),
        examples=(),
        provenance={},
    )
