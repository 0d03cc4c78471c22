"""The stack `slipway-ENV-duplicates`: scores pairs by the million, on schedule or when asked."""

from typing import Literal

import aws_cdk as cdk
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.instances import instance
from stacks import names
from stacks.batch import policy
from stacks.batch.array import ArrayJob
from stacks.batch.construct import BatchRun
from stacks.batch.hosting import JobHosting
from stacks.batch.job import Call, Job
from stacks.batch.processing import processing_call
from stacks.delivery import Delivery
from stacks.fit import Slot, artifacts_for, image_for
from stacks.notify.construct import Topics
from stacks.outputs import output

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
        hosting = self._hosting(delivery)
        run = BatchRun(self, "Run", job=job, call=self._call(job, hosting), hosting=hosting)
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

    def _hosting(self, delivery: Delivery) -> JobHosting:
        environment, base = delivery.environment, delivery.base
        return JobHosting(
            place=delivery.place,
            images=delivery.images,
            vpc=base.vpc,
            subnets=base.subnets,
            role=base.batch_roles[NAME].without_policy_updates(),
            key=base.key,
            log_days=environment.retention.log_days,
            topics=Topics.of(self, environment=environment.name, place=delivery.place),
        )

    def _call(self, job: Job, hosting: JobHosting) -> Call:
        if job.size.platform == "processing":
            return processing_call(self, job=job, hosting=hosting)
        return ArrayJob(self, "Array", job=job, hosting=hosting).call
