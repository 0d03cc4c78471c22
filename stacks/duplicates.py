"""The stack `slipway-ENV-duplicates`: scores pairs by the million, on schedule or when asked."""

from pathlib import Path
from typing import Literal

import aws_cdk as cdk
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.images import image_tag, served_in
from catalog.instances import instance
from catalog.load import load_prices
from catalog.release import ReleaseContext
from stacks import names
from stacks.batch import policy
from stacks.batch.array import ArrayJob
from stacks.batch.construct import BatchRun
from stacks.batch.hosting import JobHosting
from stacks.batch.job import Call, Job
from stacks.batch.processing import processing_call
from stacks.delivery import Delivery
from stacks.fit import Misfit, Slot, artifacts_for
from stacks.notify.construct import Topics
from stacks.outputs import output

NAME: Literal["duplicates"] = "duplicates"
RUNTIME = "batch"
ROOT = Path(__file__).resolve().parents[1]


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
        slot = Slot(name, RUNTIME, machine.accelerator, machine.architecture, size.instance)
        manifest = artifacts_for(slot, _offered(delivery.release))[0]
        where, variables = self._where(delivery, manifest)
        job = Job(name, _image(manifest), size, where, variables | _price(size.instance))
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


def _offered(release: ReleaseContext) -> tuple[Manifest, ...]:
    """Return the model's artifacts: made for the batch alone, else those that also serve.

    Raises:
        Misfit: The release does not have the model.
    """
    found = release.served_on("batch", NAME)
    found = found or tuple(item for item in release.all if item.model == NAME)
    if not found:
        raise Misfit(
            f"batch {NAME}: the release has no model {NAME}; build it, or take batch.{NAME} out"
            " of the environment"
        )
    return found


def _price(name: str) -> dict[str, str]:
    """Return the variable by which the summary says what a million pairs cost, if it is known."""
    price = load_prices().instances.get(name)
    return {"SLIPWAY_USD_PER_HOUR": f"{price.usd_per_hour:g}"} if price else {}


def _image(manifest: Manifest) -> str:
    """Return the image that scores; it reads the compiled model out of any server's archive."""
    if manifest.runtime == RUNTIME:  # else it was made for the server of an endpoint
        return manifest.runtime_image
    name = served_in(RUNTIME, manifest.accelerator)
    return f"slipway/{name}:{image_tag(name, ROOT)}"
