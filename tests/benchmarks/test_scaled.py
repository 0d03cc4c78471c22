"""The template of the scaling drill is that of the shipped service."""

from pathlib import Path

from benchmarks.drills import scaled


def test_the_drilled_service_has_the_task_and_the_policy_of_the_shipped_one(tmp_path: Path):
    resources = scaled.template("a" * 64, tmp_path)["Resources"].values()

    def only(kind: str) -> dict:
        (found,) = [item["Properties"] for item in resources if item["Type"] == kind]
        return found

    policies = [
        item["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        for item in resources
        if item["Type"] == "AWS::ApplicationAutoScaling::ScalingPolicy"
        and item["Properties"]["PolicyType"] == "TargetTrackingScaling"
    ]
    (container,) = only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    variables = {item["Name"]: item["Value"] for item in container["Environment"]}
    (tracking,) = policies
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert (tracking["TargetValue"], metric) == (2400, "ALBRequestCountPerTarget")
    assert only("AWS::ApplicationAutoScaling::ScalableTarget")["MaxCapacity"] == 3
    assert variables["SLIPWAY_ARTIFACT_SHA256"] == "a" * 64
    assert container["StopTimeout"] == 30
