"""How the tasks of a service follow its requests."""

from aws_cdk import Fn
from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from catalog.sizes import Scaling
from stacks.scaling.construct import ScaledFleet
from stacks.scaling.fleet import Fleet, Step, Tracking
from stacks.service.balancing import Balancing
from stacks.service.hosting import ServiceHosting
from stacks.service.metrics import MS_PER_SECOND, Watched

NEAR = 0.8  # of the p99's limit: where the first task is added


def scaled_tasks(
    scope: Construct,
    id_: str,
    *,
    hosting: ServiceHosting,
    balancing: Balancing,
    scaling: Scaling,
    busy: float,
) -> ScaledFleet:
    """Scale a service by its requests per task and its p99.

    Args:
        scope: The parent.
        id_: The construct id.
        hosting: The service; the fleet needs a dependency on it.
        balancing: What counts the requests.
        scaling: The bounds.
        busy: Requests a minute at which one task is busy.
    """
    watched = Watched(hosting, balancing)
    limit = hosting.environment.alarms.p99_ms / MS_PER_SECOND
    return ScaledFleet(
        scope,
        id_,
        name=hosting.name,
        fleet=Fleet.tasks(hosting.cluster, hosting.name, hosting.place),
        scaling=scaling,
        tracking=Tracking(
            busy,
            predefined=autoscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
            label=Fn.join(
                "/",
                [
                    balancing.load_balancer.load_balancer_full_name,
                    balancing.targets.target_group_full_name,
                ],
            ),
        ),
        steps=[Step("Slow", watched.slowness, NEAR * limit, limit)],
        running=watched.tasks,
        runbook="service.md#at-maximum",
    )
