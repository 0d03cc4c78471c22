"""The stack `slipway-ENV-base`: what an environment has before, between and after its releases."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.environment import Environment
from stacks.accounts import Place
from stacks.endpoint.policy import endpoint_role
from stacks.links import Tooling
from stacks.network.construct import PrivateNetwork
from stacks.outputs import output
from stacks.promotion.construct import Promotion
from stacks.retention import log_retention
from stacks.service.policy import task_role
from stacks.storage.construct import data_key, store_bucket


class BaseStack(cdk.Stack):
    """Key, bucket, network, roles, pointers and promotion of one environment.

    Attributes:
        bucket: The environment's bucket.
        vpc: Its network.
        endpoint_roles: The SageMaker execution roles by endpoint.
        task_roles: The ECS task roles by service.
    """

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, images: Place
    ) -> None:
        place = Place(environment.account, environment.region)
        super().__init__(scope, id_, env=place.to_cdk())
        tooling = Tooling.of(self)
        key = data_key(self, "DataKey", description=f"Live artifacts of {environment.name}")
        self.bucket = store_bucket(
            self, "Bucket", key=key, noncurrent_days=environment.retention.noncurrent_days
        )
        network = environment.network
        self.vpc = PrivateNetwork(self, "Network", cidr=network.cidr, zones=network.zones).vpc
        self.endpoint_roles = {
            name: endpoint_role(
                self,
                name,
                bucket=self.bucket,
                environment=environment.name,
                place=place,
                images=images,
            )
            for name in sorted(environment.endpoints)
        }
        self.task_roles = {
            name: task_role(self, name, bucket=self.bucket) for name in sorted(environment.services)
        }
        Promotion(
            self,
            "Promotion",
            environment=environment.name,
            place=place,
            tooling=tooling,
            bucket=self.bucket,
            log_retention=log_retention(environment.retention.log_days),
        )
        output(self, "EnvironmentBucket", self.bucket.bucket_name)
        self._keep_exports()

    def _keep_exports(self) -> None:
        """Export what the stacks of a release import, also while no release is synthesised.

        Else a base deployed without a release would lack, or lose, what a release needs.
        """
        roles: list[iam.Role] = [*self.endpoint_roles.values(), *self.task_roles.values()]
        subnets = self.vpc.isolated_subnets
        for value in (
            self.bucket.bucket_name,
            self.vpc.vpc_id,
            self.vpc.vpc_cidr_block,
            *(subnet.subnet_id for subnet in subnets),
            *(role.role_arn for role in roles),
        ):
            self.export_value(value)
