"""The stack `slipway-ENV-base`: what an environment has before, between and after its releases."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.environment import Environment
from catalog.instances import instance
from stacks import names
from stacks.accounts import Place
from stacks.batch.policy import batch_role
from stacks.endpoint.policy import endpoint_role
from stacks.functions.construct import Inside
from stacks.links import Tooling
from stacks.monitoring.analyzer import analyzer
from stacks.monitoring.answering import Answering
from stacks.monitoring.job import drift_role
from stacks.monitoring.promised import Promised
from stacks.network.construct import SUBNETS, PrivateNetwork
from stacks.network.reach import interfaces
from stacks.notify.construct import Topics
from stacks.outputs import output
from stacks.pipeline.health import observed_by_tooling
from stacks.promotion.construct import Promotion
from stacks.promotion.crossing import invoked_by_pipeline
from stacks.retention import log_retention
from stacks.service.policy import task_role
from stacks.shift import promotion as shift_promotion
from stacks.shift.before import before_parameter
from stacks.shift.where import shifted_endpoints
from stacks.storage.construct import data_key, log_bucket, store_bucket


class BaseStack(cdk.Stack):
    """Key, bucket, network, roles, pointers and promotion of one environment.

    Attributes:
        bucket: The environment's bucket.
        access_logs: The bucket that load balancers write their logs to.
        key: What encrypts the bucket, log groups and disks.
        vpc: Its network.
        subnets: Where in it everything of ours is.
        topics: Whom alarms reach.
        endpoint_roles: The SageMaker execution roles by endpoint.
        task_roles: The ECS task roles by service.
        batch_roles: The roles of batch jobs' machines by job.
        drift_role: That of the drift job, where there is one.
        analyzer: What Model Monitor's analyzer runs as, where it looks.
    """

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, images: Place
    ) -> None:
        place = Place(environment.account, environment.region)
        super().__init__(scope, id_, env=place.to_cdk())
        tooling = Tooling.of(self, images, place)
        retention = environment.retention
        self.key = data_key(
            self,
            "DataKey",
            description=f"Live artifacts of {environment.name}",
            alias=f"slipway/{environment.name}",
        )
        self.access_logs = log_bucket(self, "AccessLogs", days=retention.access_log_days)
        self.bucket = store_bucket(
            self,
            "Bucket",
            key=self.key,
            logs=self.access_logs,
            noncurrent_days=retention.noncurrent_days,
            capture_days=retention.capture_days,
        )
        network = PrivateNetwork(
            self,
            "Network",
            network=environment.network,
            interfaces=interfaces(environment),
            logs=self.access_logs,
        )
        self.vpc, self.subnets = network.vpc, network.subnets
        for name in shifted_endpoints(environment):
            before_parameter(self, environment.name, name)
        self.topics = Topics.create(self, "Notify", environment=environment, place=place)
        self.endpoint_roles = {
            name: endpoint_role(
                self,
                name,
                bucket=self.bucket,
                environment=environment.name,
                place=place,
                images=images,
                accelerator=instance(size.instance).accelerator,
            )
            for name, size in sorted(environment.endpoints.items())
        }
        self.task_roles = {
            name: task_role(
                self,
                name,
                bucket=self.bucket,
                service=names.service(environment.name, name),
            )
            for name in sorted(environment.services)
        }
        self.batch_roles = {
            name: batch_role(self, name, size=size, bucket=self.bucket, place=place, images=images)
            for name, size in sorted(environment.batch.items())
        }
        self.drift_role = (
            drift_role(self, bucket=self.bucket, place=place, images=images)
            if environment.monitoring.looks_for_drift
            else None
        )
        self.analyzer = (
            analyzer(self, store=self.bucket, key=self.key, place=place)
            if environment.monitoring.engine == "model-monitor"
            else None
        )
        promotion = Promotion(
            self,
            "Promotion",
            environment=environment.name,
            place=place,
            tooling=tooling,
            bucket=self.bucket,
            key=self.key,
            inside=Inside(self.vpc, self.subnets),
            log_retention=log_retention(retention.log_days),
            settings={
                **shift_promotion.variables(environment, images),
                **({"SLIPWAY_UNPROVEN": "true"} if environment.unproven else {}),
            },
            may_promote=shift_promotion.permissions(environment, place),
        )
        Answering(
            self,
            "Answering",
            environment=environment,
            place=place,
            tooling=tooling,
            bucket=self.bucket,
            key=self.key,
            topics=self.topics,
        )
        Promised(
            self,
            "Promised",
            environment=environment,
            place=place,
            tooling=tooling,
            bucket=self.bucket,
            key=self.key,
            topics=self.topics,
        )
        if not tooling.near:
            functions = [step.function.function_arn for step in promotion.functions.values()]
            invoked_by_pipeline(self, environment=environment, tooling=images, functions=functions)
            observed_by_tooling(self, environment=environment, tooling=images)
        output(self, "EnvironmentBucket", self.bucket.bucket_name)
        self._keep_exports()

    def _keep_exports(self) -> None:
        """Export what the stacks of a release import, also while no release is synthesised.

        Else a base deployed without a release would lack, or lose, what a release needs.
        """
        roles: list[iam.IRole] = [
            *self.endpoint_roles.values(),
            *self.task_roles.values(),
            *self.batch_roles.values(),
            *([self.drift_role] if self.drift_role else []),
            *([self.analyzer.role] if self.analyzer else []),
        ]
        subnets = self.vpc.select_subnets(subnet_group_name=SUBNETS).subnets
        for value in (
            self.bucket.bucket_name,
            self.access_logs.bucket_name,
            self.key.key_arn,
            self.vpc.vpc_id,
            self.vpc.vpc_cidr_block,
            *(subnet.subnet_id for subnet in subnets),
            *(role.role_arn for role in roles),
        ):
            self.export_value(value)
