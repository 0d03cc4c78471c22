"""One SageMaker endpoint: Model, EndpointConfig and Endpoint of one release, with its alarms."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from catalog.environment import AlarmLimits, Rollout
from catalog.sizes import EndpointSize
from stacks.endpoint import metrics
from stacks.endpoint.containers import Container
from stacks.endpoint.rollout import deployment_config

GUARDED_FROM = 2  # instances: below, there is no fleet to split


class ModelEndpoint(Construct):
    """An endpoint whose name and variant never change, so that a release updates it in place.

    Attributes:
        endpoint: The endpoint.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        container: Container,
        role: iam.IRole,
        size: EndpointSize,
        rollout: Rollout,
        limits: AlarmLimits,
    ) -> None:
        """Make the endpoint.

        Args:
            scope: The parent.
            id_: The construct id.
            name: The endpoint's literal name; its alarms need it before it exists.
            container: What serves.
            role: What the container may do.
            size: The fleet.
            rollout: How a release takes over, from two instances on.
            limits: When its alarms ring.
        """
        super().__init__(scope, id_)
        alarms = [
            alarm.create(self)
            for alarm in (metrics.slow(name, limits), metrics.failing(name, limits))
        ]
        # Both are immutable in SageMaker: CloudFormation names each new one, and drops the old.
        model = sagemaker.CfnModel(
            self, "Model", execution_role_arn=role.role_arn, primary_container=container
        )
        # No KmsKeyId, no VolumeSizeInGB: NVMe instances refuse the one, ignore the other.
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=metrics.VARIANT,
                    model_name=model.attr_model_name,
                    instance_type=size.instance,
                    initial_instance_count=size.count,
                    initial_variant_weight=1,
                )
            ],
        )
        guarded = size.count >= GUARDED_FROM
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=deployment_config(rollout, alarms) if guarded else None,
        )
        for alarm in alarms:  # a rollout refuses an alarm that does not exist yet
            self.endpoint.node.add_dependency(alarm)
