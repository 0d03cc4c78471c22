"""The stack `slipway-ENV-duplicates`: scores pairs by the million, on schedule or when asked."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.instances import instance
from stacks import names
from stacks.batch import array, policy, processing
from stacks.batch.construct import BatchRun
from stacks.batch.job import Call, Job
from stacks.delivery import Delivery
from stacks.fit import Slot, artifacts_for, image_for
from stacks.outputs import output
from stacks.retention import log_retention

NAME: Literal["duplicates"] = "duplicates"


class DuplicatesStack(cdk.Stack):
    """The duplicates job of one release, on the platform that the environment names."""

    def __init__(self, scope: Construct, id_: str, *, delivery: Delivery) -> None:
        """Wire the job.

        Raises:
            Misfit: The release does not fit the environment.
        """
        super().__init__(scope, id_, env=delivery.place.to_cdk())
        size = delivery.environment.batch[NAME]
        name = names.service(delivery.environment.name, NAME)
        machine = instance(size.instance)
        slot = Slot(name, "batch", machine.accelerator, machine.architecture, size.instance)
        manifests = artifacts_for(slot, delivery.release.served_on("batch", NAME))
        image, manifest = image_for(slot, manifests), manifests[0]
        job = Job(name, image, size, *self._where(delivery, manifest))
        retention = log_retention(delivery.environment.retention.log_days)
        call = self._call(job, delivery)
        run = BatchRun(self, "Run", job=job, call=call, log_retention=retention)
        output(self, "StateMachine", run.state_machine.state_machine_arn)
        output(self, "Input", policy.INPUT)  # both below the environment's bucket
        output(self, "Output", policy.output_of(manifest))

    @staticmethod
    def _where(delivery: Delivery, manifest: Manifest) -> tuple[str, dict[str, str]]:
        """Return the URI of the input, and the variables that name artifact and output."""
        store, archive = delivery.base.bucket, manifest.archive
        return store.s3_url_for_object(policy.INPUT), {
            "SLIPWAY_ARTIFACT": store.s3_url_for_object(bucket.content(archive.sha256)),
            "SLIPWAY_ARTIFACT_SHA256": archive.sha256,
            "SLIPWAY_OUTPUT": store.s3_url_for_object(policy.output_of(manifest)),
        }

    def _call(self, job: Job, delivery: Delivery) -> Call:
        base, place, images = delivery.base, delivery.place, delivery.images
        hosted = job.size.platform == "processing"
        role = policy.job_role(
            self,
            "JobRole",
            principal=processing.SERVICE if hosted else array.SERVICE,
            bucket=base.bucket,
        )
        if hosted:
            return processing.processing_call(
                self, job, role=role, vpc=base.vpc, place=place, images=images
            )
        repository = job.image.split(":")[0]
        return array.ArrayJob(
            self,
            "Array",
            job=job,
            role=role,
            vpc=base.vpc,
            place=place,
            repository=ecr.Repository.from_repository_attributes(
                self,
                "Image",
                repository_arn=images.arn("ecr", f"repository/{repository}"),
                repository_name=repository,
            ),
            log_retention=log_retention(delivery.environment.retention.log_days),
        ).call
