"""The stack `slipway-ENV-intent`: the query intent service on ECS, of one release."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.instances import instance
from stacks import names, neuron
from stacks.delivery import Delivery
from stacks.endpoint.config import CAPTURES
from stacks.fit import Slot, artifacts_for, image_for
from stacks.notify.construct import Topics
from stacks.outputs import output
from stacks.scaling.throughput import busy_per_minute
from stacks.service.construct import BalancedService
from stacks.service.hosting import ServiceHosting, workers

NAME: Literal["intent"] = "intent"


class IntentStack(cdk.Stack):
    """The service, its cluster and its load balancer."""

    def __init__(self, scope: Construct, id_: str, *, delivery: Delivery) -> None:
        """Wire the service.

        Raises:
            Misfit: The release does not fit the environment.
            Unmeasured: The service scales, and nobody measured its model's throughput.
        """
        super().__init__(scope, id_, env=delivery.place.to_cdk())
        size = delivery.environment.services[NAME]
        slot = Slot(
            names.service(delivery.environment.name, NAME),
            "intent",
            size.accelerator,
            instance(size.instance).architecture if size.instance else None,
            size.instance or "Fargate",
        )
        artifacts = artifacts_for(slot, delivery.release.served_on("service", NAME))
        image = image_for(slot, artifacts)
        hosting = self._hosting(delivery, slot.name, image, artifacts[0])
        made = BalancedService(self, "Service", hosting=hosting)
        output(self, "Url", made.balancing.url)

    def _hosting(
        self, delivery: Delivery, name: str, image: str, artifact: Manifest
    ) -> ServiceHosting:
        environment, base = delivery.environment, delivery.base
        size, archive = environment.services[NAME], artifact.archive
        cores = neuron.cores_of_each(artifact.key_inputs)
        count = workers(size, cores)
        content = base.bucket.s3_url_for_object(bucket.content(archive.sha256))
        return ServiceHosting(
            name=name,
            cluster=names.cluster(environment.name),
            size=size,
            environment=environment,
            place=delivery.place,
            image=self._image(delivery, image),
            variables={
                "SLIPWAY_ARTIFACT": content,
                "SLIPWAY_ARTIFACT_SHA256": archive.sha256,
                "SLIPWAY_WORKERS": str(count),
                **neuron.runtime(size.instance, cores),
                **_capture(delivery, name),
            },
            role=base.task_roles[NAME].without_policy_updates(),
            vpc=base.vpc,
            subnets=base.subnets,
            logs=base.access_logs,
            key=base.key,
            topics=Topics.of(self, environment=environment.name, place=delivery.place),
            # the gate measured one worker
            busy=busy_per_minute([delivery.release.shown(artifact)], size.scaling) * count
            if size.scaling
            else None,
        )

    def _image(self, delivery: Delivery, image: str) -> ecs.ContainerImage:
        repository, tag = image.split(":")
        found = ecr.Repository.from_repository_attributes(
            self,
            "Image",
            repository_arn=delivery.images.arn("ecr", f"repository/{repository}"),
            repository_name=repository,
        )
        return ecs.ContainerImage.from_ecr_repository(found, tag)


def _capture(delivery: Delivery, name: str) -> dict[str, str]:
    """Return the variables by which the service names itself, and keeps records."""
    wanted, base = delivery.environment.monitoring, delivery.base
    named = {"SLIPWAY_ENDPOINT": name, "SLIPWAY_VARIANT": "main"}
    if not wanted.captures_itself:
        return named
    return named | {
        "SLIPWAY_CAPTURE": base.bucket.s3_url_for_object(CAPTURES),
        "SLIPWAY_CAPTURE_SHARE": f"{wanted.capture_percent / 100:g}",
        "SLIPWAY_CAPTURE_KMS_KEY": base.key.key_arn,
    }
