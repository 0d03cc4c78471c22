"""One compile project for each accelerator that the tooling's data names."""

from aws_cdk import aws_iam as iam

from catalog.images import BUILT_IN
from catalog.instances import Accelerator
from catalog.pipeline import Builder
from stacks.build.construct import BuildSpec
from stacks.build.job import CompileJob
from stacks.build.machine import Machine

_WHAT = {
    "cpu": "for the CPU",
    "g5": "for G5: TensorRT, on the GPU and in the image that serve",
    "inf1": "for Inf1: the frozen Neuron toolchain, which needs memory but no chip",
    "inf2": "for Inf2: the Neuron toolchain, which needs memory but no chip",
}
_GPU = ("g5",)  # compiled on the GPU itself, after a check that it is the right one
JOB_MARGIN_MINUTES = 15  # a project that starts a job outlives it: the machine has to be found


def compile_spec(
    accelerator: Accelerator,
    builder: Builder,
    permissions: list[iam.PolicyStatement],
    job: CompileJob | None,
) -> BuildSpec:
    """Return how artifacts of one accelerator are built.

    Args:
        accelerator: What they are compiled for.
        builder: Where, how long, how many at once.
        permissions: What every compile may do.
        job: The SageMaker job that the builds start instead of compiling themselves, if any.
    """
    gpu = accelerator in _GPU
    machine = Machine(builder.compute, BUILT_IN[accelerator], gpu=gpu)
    return BuildSpec(
        name=f"compile-{accelerator}",
        spec="compile-job" if job else "compile-gpu" if gpu else "compile",
        description=f"Compiles, gates, packages and publishes models {_WHAT[accelerator]}.",
        minutes=min(480, builder.timeout_minutes + (JOB_MARGIN_MINUTES if job else 0)),
        concurrent=builder.concurrent,
        machine=Machine() if job else machine,
        environment={"ACCELERATOR": accelerator, **(job.variables if job else {})},
        permissions=[*permissions, *(job.permissions if job else [])],
        reports=True,
    )
