"""Lambda `register_models`: one registry version per new artifact of a release."""

from collections.abc import Mapping
from typing import Any

from catalog.bucket import Bucket
from catalog.signature import kms_verify
from lambdas.common import clients, step
from lambdas.common.documents import read_release
from lambdas.common.job import Job
from lambdas.common.log import Log
from lambdas.register_models.aws import make_missing_groups, register, registered
from lambdas.register_models.env import ENVIRONMENT, Settings
from lambdas.register_models.logic import description, group, properties, purpose


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Register a release's models; what is registered already stays as it is."""

    def work(job: Job, log: Log) -> str:
        settings = Settings.from_environment()
        job.check_environment(ENVIRONMENT)
        bucket = Bucket(settings.artifact_bucket, clients.client("s3"))
        verify = kms_verify(clients.client("kms"), settings.signing_key)
        release = read_release(bucket, job.release, verify)
        purposes = {group(model): purpose(model) for model in release.manifests}
        for made in make_missing_groups(purposes):
            log("made a group", group=made)
        new = 0
        for manifest in release.all:
            model, artifact = manifest.model, manifest.digest()
            known = registered(group(model))
            arn = known.get(description(artifact))
            if arn is None:
                words = properties(artifact, manifest)
                arn = register(group(model), description(artifact), words)
                new += 1
            log("registered", model=model, artifact=artifact, version=arn)
        return f"registered {new} new versions of {len(release.manifests)} models"

    return step.run("register_models", event, work)
