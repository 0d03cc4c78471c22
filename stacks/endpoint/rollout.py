"""How an endpoint moves its traffic to a new release, and what turns it back."""

from collections.abc import Sequence
from math import ceil

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from catalog.environment import Rollout

# Time for the new fleet to start and load, beside the waiting that the policy asks for.
START_SECONDS = 1800
LONGEST_SECONDS = 28800

_Endpoint = sagemaker.CfnEndpoint


def deployment_config(
    rollout: Rollout, alarms: Sequence[cloudwatch.Alarm]
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """Return SageMaker's words for a rollout: blue and green fleets, alarms that turn it back."""
    return _Endpoint.DeploymentConfigProperty(
        blue_green_update_policy=_Endpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=_routing(rollout),
            termination_wait_in_seconds=rollout.bake_seconds,
            maximum_execution_timeout_in_seconds=_timeout(rollout),
        ),
        auto_rollback_configuration=_Endpoint.AutoRollbackConfigProperty(
            alarms=[_Endpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        ),
    )


def _routing(rollout: Rollout) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    if rollout.policy == "all-at-once":
        return _Endpoint.TrafficRoutingConfigProperty(type="ALL_AT_ONCE")
    step = _Endpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=rollout.step_percent)
    canary = rollout.policy == "canary"
    return _Endpoint.TrafficRoutingConfigProperty(
        type="CANARY" if canary else "LINEAR",
        canary_size=step if canary else None,
        linear_step_size=None if canary else step,
        wait_interval_in_seconds=rollout.wait_seconds,
    )


def _timeout(rollout: Rollout) -> int:
    """Return the longest a rollout may take: SageMaker wants more than the sum of its waits."""
    steps = ceil(100 / rollout.step_percent) if rollout.policy == "linear" else 1
    waiting = steps * rollout.wait_seconds + rollout.bake_seconds
    return min(START_SECONDS + waiting, LONGEST_SECONDS)
