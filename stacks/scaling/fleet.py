"""What can scale, and by what: the words that SageMaker variants and ECS services share."""

from dataclasses import dataclass

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.accounts import Place


@dataclass(frozen=True)
class Fleet:
    """Machines or tasks as Application Auto Scaling names them.

    Attributes:
        namespace: The service that has them.
        resource_id: Such as `endpoint/NAME/variant/main` or `service/CLUSTER/NAME`.
        dimension: What is counted, such as `ecs:service:DesiredCount`.
        role_arn: The role linked to the service, under which AWS scales it.
    """

    namespace: autoscaling.ServiceNamespace
    resource_id: str
    dimension: str
    role_arn: str

    @staticmethod
    def variant(endpoint: str, variant: str, place: Place) -> "Fleet":
        """Return the instances behind a SageMaker variant."""
        return Fleet(
            autoscaling.ServiceNamespace.SAGEMAKER,
            f"endpoint/{endpoint}/variant/{variant}",
            "sagemaker:variant:DesiredInstanceCount",
            _linked_role(place, "sagemaker", "SageMakerEndpoint"),
        )

    @staticmethod
    def tasks(cluster: str, service: str, place: Place) -> "Fleet":
        """Return the tasks of an ECS service."""
        return Fleet(
            autoscaling.ServiceNamespace.ECS,
            f"service/{cluster}/{service}",
            "ecs:service:DesiredCount",
            _linked_role(place, "ecs", "ECSService"),
        )


@dataclass(frozen=True)
class Tracking:
    """A load per machine that is held near a value, by more machines or fewer.

    Attributes:
        value: The load at which a machine is busy, in the metric's unit.
        predefined: The metric by AWS's own name.
        label: What a predefined metric is of, where it asks for that (a load balancer's targets).
        metric: A metric of another kind, in place of a predefined one.
    """

    value: float
    predefined: autoscaling.PredefinedMetric | None = None
    label: str | None = None
    metric: cloudwatch.IMetric | None = None


@dataclass(frozen=True)
class Step:
    """A sign of overload that adds machines: one from `near` on, a third of the fleet from `at` on.

    Attributes:
        id: The construct id.
        metric: What is watched.
        near: One machine more from here on, in the metric's unit.
        at: A third more machines from here on.
    """

    id: str
    metric: cloudwatch.IMetric
    near: float
    at: float


def _linked_role(place: Place, service: str, name: str) -> str:
    return (
        f"arn:aws:iam::{place.account}:role/aws-service-role/"
        f"{service}.application-autoscaling.amazonaws.com/"
        f"AWSServiceRoleForApplicationAutoScaling_{name}"
    )
