"""How the machines of a variant follow its calls."""

from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from catalog.sizes import Scaling
from stacks.endpoint.hosting import Hosting
from stacks.endpoint.metrics import MICROSECONDS_PER_MS, Watched
from stacks.scaling.construct import ScaledFleet
from stacks.scaling.fleet import Fleet, Step, Tracking

NEAR = 0.8  # of a limit: where the first machine is added


def scaled_variant(
    scope: Construct, id_: str, *, hosting: Hosting, variant: str, scaling: Scaling, busy: float
) -> ScaledFleet:
    """Scale a variant by its calls, its p99 and its GPU's memory.

    Args:
        scope: The parent.
        id_: The construct id.
        hosting: The endpoint; the fleet needs a dependency on it.
        variant: What scales.
        scaling: The bounds.
        busy: Calls a minute at which one machine is busy.
    """
    watched = Watched(hosting, variant)
    limits = hosting.environment.alarms
    latency = limits.p99_ms * MICROSECONDS_PER_MS
    steps = [Step("Slow", watched.metric("ModelLatency", "p99"), NEAR * latency, latency)]
    if hosting.machine.accelerator == "g5":
        memory = watched.metric("GPUMemoryUtilization", "Maximum", space="/aws/sagemaker/Endpoints")
        full = limits.gpu_memory_percent
        steps.append(Step("GpuMemory", memory, NEAR * full, full))
    return ScaledFleet(
        scope,
        id_,
        name=hosting.name if variant == "main" else f"{hosting.name}-{variant}",
        fleet=Fleet.variant(hosting.name, variant, hosting.place),
        scaling=scaling,
        tracking=Tracking(
            busy,
            predefined=autoscaling.PredefinedMetric.SAGEMAKER_VARIANT_INVOCATIONS_PER_INSTANCE,
        ),
        steps=steps,
        running=watched.machines,
        runbook="endpoint.md#at-maximum",
    )
