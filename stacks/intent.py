"""The stack `slipway-ENV-intent`: the query intent service on ECS, of one release."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from catalog import bucket
from stacks import names
from stacks.delivery import Delivery
from stacks.fit import Slot, artifacts_for, image_for
from stacks.outputs import output
from stacks.retention import log_retention
from stacks.service.construct import BalancedService, TaskSpec

NAME: Literal["intent"] = "intent"
CPU_UNITS = 1024  # of one core


class IntentStack(cdk.Stack):
    """The service, its cluster and its load balancer."""

    def __init__(self, scope: Construct, id_: str, *, delivery: Delivery) -> None:
        """Wire the service.

        Raises:
            Misfit: The release does not fit the environment.
        """
        super().__init__(scope, id_, env=delivery.place.to_cdk())
        environment, base = delivery.environment, delivery.base
        size = environment.services[NAME]
        name = names.service(environment.name, NAME)
        slot = Slot(name, "intent", size.accelerator, None, size.instance or "Fargate")
        manifests = artifacts_for(slot, delivery.release.served_on("service", NAME))
        image = image_for(slot, manifests)
        archive = manifests[0].archive
        repository, tag = image.split(":")
        task = TaskSpec(
            image=ecs.ContainerImage.from_ecr_repository(
                ecr.Repository.from_repository_attributes(
                    self,
                    "Image",
                    repository_arn=delivery.images.arn("ecr", f"repository/{repository}"),
                    repository_name=repository,
                ),
                tag,
            ),
            environment={
                "SLIPWAY_ARTIFACT": base.bucket.s3_url_for_object(bucket.content(archive.sha256)),
                "SLIPWAY_ARTIFACT_SHA256": archive.sha256,
                "SLIPWAY_WORKERS": str(max(1, size.cpu_units // CPU_UNITS)),
            },
            role=base.task_roles[NAME].without_policy_updates(),
            log_retention=log_retention(environment.retention.log_days),
        )
        made = BalancedService(
            self,
            "Service",
            name=name,
            cluster_name=names.cluster(environment.name),
            vpc=base.vpc,
            task=task,
            size=size,
            limits=environment.alarms,
        )
        output(self, "Url", f"http://{made.load_balancer.load_balancer_dns_name}")
