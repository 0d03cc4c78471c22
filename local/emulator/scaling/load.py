"""The metric that a target tracking policy looks at, as an alarm would name it."""

from collections.abc import Mapping
from typing import Any

PERIOD_S = 60

Json = dict[str, Any]


def watched(policy: Mapping[str, Any]) -> Json:
    """Return the metric of a policy in the words of an alarm.

    Args:
        policy: The policy, with its resource.

    Raises:
        ValueError: Nobody has said what a predefined metric is; the message names it.
    """
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    custom = config.get("CustomizedMetricSpecification")
    if custom and custom.get("Metrics"):
        return {"Metrics": custom["Metrics"]}
    if custom:
        return {**custom, "Period": PERIOD_S}
    wanted = config["PredefinedMetricSpecification"]
    kind, parts = wanted["PredefinedMetricType"], policy["ResourceId"].split("/")
    if kind == "SageMakerVariantInvocationsPerInstance":
        dimensions = {"EndpointName": parts[1], "VariantName": parts[3]}
        return _metric("AWS/SageMaker", "InvocationsPerInstance", "Sum", dimensions)
    if kind == "ALBRequestCountPerTarget":
        balancer, _, group = wanted["ResourceLabel"].partition("/targetgroup/")
        dimensions = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{group}"}
        return _metric("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", dimensions)
    if kind.startswith("ECSServiceAverage"):
        name = kind.removeprefix("ECSServiceAverage")
        dimensions = {"ClusterName": parts[1], "ServiceName": parts[2]}
        return _metric("AWS/ECS", name, "Average", dimensions)
    raise ValueError(f"the local cloud has no metric {kind}")


def _metric(space: str, name: str, statistic: str, dimensions: Mapping[str, str]) -> Json:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {
        "Namespace": space,
        "MetricName": name,
        "Statistic": statistic,
        "Dimensions": named,
        "Period": PERIOD_S,
    }
