"""Which alarms say whether a deployment did well: what a pipeline's stage looks at."""

from catalog.environment import Environment
from stacks import names
from stacks.shift.where import GREEN, shifted_endpoints


def watched_alarms(environment: Environment) -> tuple[str, ...]:
    """Return the names of an environment's metric alarms on slowness and failures, five at most.

    Of a shifted endpoint they are those of the variant that takes over.
    """
    shifted = shifted_endpoints(environment)
    found = []
    for endpoint in sorted(environment.endpoints):
        name = names.endpoint(environment.name, endpoint)
        name = f"{name}-{GREEN}" if endpoint in shifted else name
        found += [f"{name}-slow", f"{name}-failing"]
    found += [f"{names.service(environment.name, name)}-slow" for name in environment.services]
    return tuple(found[:5])
