"""Types that MiniStack lacks are deployed, changed and removed; alarms show real states."""

import pytest

from tests.local.cloud import read_template, wait_for


@pytest.fixture(scope="module")
def stack(local_cloud):
    found = local_cloud.deploy("resources", read_template("resources_stack.yaml"))
    assert found["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("resources")
    return local_cloud


def _states(cloud):
    found = cloud.client("cloudwatch").describe_alarms(
        AlarmNamePrefix="test-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def test_resources_are_visible_through_their_own_apis(stack):
    ec2 = stack.client("ec2")
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 1
    groups = ec2.describe_security_groups()["SecurityGroups"]
    (group,) = [found for found in groups if found["Description"] == "test"]
    assert group["IpPermissions"][0]["FromPort"] == 8080
    scaling = stack.client("application-autoscaling")
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0


def test_metric_math_and_silence_ring_and_the_composite_follows(stack):
    wait_for(lambda: _states(stack)["test-silence"] == "ALARM")
    assert _states(stack)["test-page"] == "OK"

    def put(endpoint, errors):
        stack.client("cloudwatch").put_metric_data(
            Namespace="Test",
            MetricData=[
                {
                    "MetricName": name,
                    "Value": value,
                    "Dimensions": [{"Name": "E", "Value": endpoint}],
                }
                for name, value in (("Errors", errors), ("Calls", 10))
            ],
        )

    put("b", 9)  # another endpoint's errors are none of this alarm's business
    assert _states(stack)["test-rate"] == "OK"
    put("a", 2)

    wait_for(lambda: _states(stack)["test-page"] == "ALARM")
    assert _states(stack)["test-rate"] == "ALARM"


def test_an_update_changes_in_place_and_a_failed_one_rolls_back(stack):
    template = read_template("resources_stack.yaml")

    assert stack.deploy("resources", template, Peak="6")["StackStatus"] == "UPDATE_COMPLETE"
    assert _peak(stack) == 6

    template["Resources"]["Target"]["Properties"]["MaxCapacity"] = "7"
    template["Resources"]["Wrong"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "DependsOn": "Target",
        "Properties": {"PolicyName": "x", "ScalingTargetId": "no|such|target"},
    }
    failed = stack.deploy("resources", template, Peak="6")

    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "no scalable target" in stack.reasons("resources")
    assert _peak(stack) == 6


def _peak(cloud):
    scaling = cloud.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return target["MaxCapacity"]


def test_a_deleted_stack_leaves_nothing(stack):
    formation = stack.client("cloudformation")
    formation.delete_stack(StackName="resources")

    def gone():
        names = [s["StackName"] for s in formation.describe_stacks()["Stacks"]]
        return "resources" not in names

    wait_for(gone)
    assert not _states(stack)
    assert not stack.client("ec2").describe_addresses()["Addresses"]
