"""Which endpoints of an environment move their traffic by our own weight shift."""

from catalog.environment import Environment
from catalog.instances import instance
from stacks import names
from stacks.accounts import Place
from stacks.endpoint.construct import UNGUARDED

BLUE, GREEN = "blue", "green"
"""What served until now, and the release that arrives."""


def shifted_endpoints(environment: Environment) -> list[str]:
    """Return the endpoints whose machines SageMaker's guardrails leave out, in name order.

    Where the policy moves all traffic at once there is nothing to shift.
    """
    if environment.rollout.policy == "all-at-once":
        return []
    return sorted(
        name
        for name, size in environment.endpoints.items()
        if instance(size.instance).accelerator in UNGUARDED
    )


def shift_machine(environment: Environment, endpoint: str) -> str:
    """Return the ARN of the state machine that shifts an endpoint's traffic."""
    place = Place(environment.account, environment.region)
    return place.arn("states", f"stateMachine:{names.shift(environment.name, endpoint)}")
