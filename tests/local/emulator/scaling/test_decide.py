import pytest

from local.emulator.scaling.decide import agreed, stepped, tracked
from local.emulator.scaling.load import watched

STEPS = {
    "AdjustmentType": "PercentChangeInCapacity",
    "MinAdjustmentMagnitude": 1,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 5, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 5, "ScalingAdjustment": 34},
    ],
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([150.0, None, None], 6),  # half as much again: half as many again
        ([95.0, 95.0, 95.0], None),
        ([40.0, 50.0, 45.0], 2),
        ([40.0, None, 45.0], None),  # silence proves no calm
        ([0.0, 0.0, 0.0], 1),
    ],
)
def test_tracking_sizes_a_fleet_by_its_load_out_at_once_and_in_when_it_is_calm(values, expected):
    assert tracked(4, values, 100.0) == expected


@pytest.mark.parametrize(("over", "expected"), [(-1, None), (0, 7), (4.9, 7), (5, 8), (50, 8)])
def test_a_step_is_chosen_by_how_far_the_metric_is_over(over, expected):
    assert stepped(6, over, STEPS) == expected


def test_the_largest_wish_wins_and_less_needs_all():
    assert agreed(4, [6, None, 5], 1, 10) == 6
    assert agreed(4, [2, None], 1, 10) == 4
    assert agreed(4, [2, 3], 1, 10) == 3


def test_bounds_hold_whatever_is_wished():
    assert agreed(4, [20], 1, 10) == 10
    assert agreed(2, [], 3, 10) == 3


def test_a_variants_load_is_its_invocations_for_each_instance():
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    policy = {
        "ResourceId": "endpoint/e/variant/green",
        "TargetTrackingScalingPolicyConfiguration": {"PredefinedMetricSpecification": metric},
    }

    found = watched(policy)

    assert found["MetricName"] == "InvocationsPerInstance"
    assert {item["Value"] for item in found["Dimensions"]} == {"e", "green"}


def test_a_metric_that_nobody_explained_is_refused_by_name():
    metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
    policy = {
        "ResourceId": "table/t",
        "TargetTrackingScalingPolicyConfiguration": {"PredefinedMetricSpecification": metric},
    }

    with pytest.raises(ValueError, match="DynamoDBReadCapacityUtilization"):
        watched(policy)
