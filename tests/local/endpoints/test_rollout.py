"""What a DeploymentConfig means in steps of traffic and time."""

import pytest

from local.endpoints.control.rollout import rollout_of

QUARTER = {"Type": "CAPACITY_PERCENT", "Value": 25}


def config(**routing) -> dict:
    routing |= {"WaitIntervalInSeconds": 60}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 300}
    return {"BlueGreenUpdatePolicy": policy}


@pytest.mark.parametrize(
    ("document", "phases"),
    [
        ({}, [(1.0, 0)]),
        (config(Type="ALL_AT_ONCE"), [(1.0, 5)]),
        (config(Type="CANARY", CanarySize=QUARTER), [(0.25, 1), (1.0, 5)]),
        (config(Type="LINEAR", LinearStepSize=QUARTER), [(0.25, 1), (0.5, 1), (0.75, 1), (1, 5)]),
    ],
)
def test_traffic_moves_in_the_steps_of_the_policy(document, phases):
    found = rollout_of(document, 1 / 60).phases()

    assert [(round(share, 6), round(seconds, 6)) for share, seconds in found] == phases
