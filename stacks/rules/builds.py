"""Rules on CodeBuild projects."""

from collections.abc import Iterator

from stacks.build.regions import GPU_BUILDER_REGIONS
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template, text

GUIDE = "CodeBuild user guide: build-env-ref-compute-types"


@rule(
    why="LARGE (CDK's default for GPU images) has V100s and its TensorRT engines do not load on G5,"
    " which shows only at the endpoint; SMALL is the one with an A10G",
    instead="set ComputeType to BUILD_GENERAL1_SMALL",
    source=GUIDE,
)
def gpu_builder_size(template: Template) -> Iterator[Finding]:
    """A GPU build on another size than SMALL."""
    for project in template.of("CodeBuild::Project"):
        size = text(project.get("Environment.ComputeType")) or "not set"
        if _on_gpu(project.get("Environment.Type")) and size != "BUILD_GENERAL1_SMALL":
            yield Finding(project, "Environment.ComputeType", f"the GPU builder's size is {size}")


@rule(
    why="CodeBuild makes the project and fails every build of it",
    instead="set builders.g5.where to `job`, or put the tooling into "
    + ", ".join(sorted(GPU_BUILDER_REGIONS)),
    source=GUIDE,
)
def gpu_builder_region(template: Template) -> Iterator[Finding]:
    """A GPU build in a region without the small GPU builder."""
    for project in template.of("CodeBuild::Project"):
        known = template.region and not template.region.startswith("$")
        if (
            _on_gpu(project.get("Environment.Type"))
            and known
            and template.region not in GPU_BUILDER_REGIONS
        ):
            yield Finding(
                project, "Environment.Type", f"{template.region} has no GPU builder with an A10G"
            )


def _on_gpu(kind: object) -> bool:
    return kind == "LINUX_GPU_CONTAINER"
