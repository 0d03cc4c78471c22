"""How many machines of which type an environment may run at once: what quotas must allow."""

from dataclasses import dataclass

from catalog.environment import Environment
from catalog.instances import instance
from catalog.sizes import Scaling


@dataclass(frozen=True)
class Need:
    """Machines of one type, for people and for a quota.

    Attributes:
        instance: The type.
        start: How many a first deployment starts.
        most: How many there may be at once: at the scaling's maximum, and while a rollout runs
            both fleets.
        what: What they are for.
    """

    instance: str
    start: int
    most: int
    what: str


def endpoint_needs(environment: Environment) -> list[Need]:
    """Return what SageMaker endpoints need."""
    return [
        Need(size.instance, size.count, 2 * _most(size.count, size.scaling), f"endpoint {name}")
        for name, size in sorted(environment.endpoints.items())
    ]


def host_needs(environment: Environment) -> list[Need]:
    """Return what EC2 hosts of services and batch jobs need."""
    services = [
        Need(size.instance, size.count, _most(size.count, size.scaling), f"service {name}")
        for name, size in sorted(environment.services.items())
        if size.instance
    ]
    jobs = [
        Need(size.instance, size.shards, size.shards, f"batch {name}")
        for name, size in sorted(environment.batch.items())
        if size.platform == "batch"
    ]
    return services + jobs


def processing_needs(environment: Environment) -> list[Need]:
    """Return what SageMaker Processing jobs need, the drift job among them."""
    jobs = [
        Need(size.instance, size.shards, size.shards, f"batch {name}")
        for name, size in sorted(environment.batch.items())
        if size.platform == "processing"
    ]
    wanted = environment.monitoring
    return [*jobs, Need(wanted.instance, 1, 1, "drift")] if wanted.looks_for_drift else jobs


def fargate_cores(environment: Environment) -> tuple[float, float]:
    """Return how many Fargate vCPUs a first deployment starts, and the most there may be."""
    sizes = [size for size in environment.services.values() if size.instance is None]
    start = sum(size.count * size.cpu_units for size in sizes)
    most = sum(2 * _most(size.count, size.scaling) * size.cpu_units for size in sizes)
    return start / 1024, most / 1024


def cores(need: Need, count: int) -> int:
    """Return the vCPUs of some machines."""
    return count * instance(need.instance).vcpus


def _most(count: int, scaling: Scaling | None) -> int:
    return max(count, scaling.max) if scaling else count
