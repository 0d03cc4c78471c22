"""Lambda `promote_release`: brings a release into this environment's bucket."""

from collections.abc import Mapping
from typing import Any

from catalog.bucket import Bucket
from catalog.release import ReleaseContext
from lambdas.common import clients, step
from lambdas.common.documents import read_release
from lambdas.common.job import Job
from lambdas.common.log import Log
from lambdas.promote_release.aws import (
    chip_evidence,
    copy_artifact,
    copy_documents,
    copy_evidence,
)
from lambdas.promote_release.before import note_before
from lambdas.promote_release.env import Settings
from lambdas.promote_release.logic import arrival, check_fit, check_proven, live_keys


def _note_before(settings: Settings, release: ReleaseContext, log: Log) -> None:
    """Say what the endpoints with a weight shift serve until now, for the deploy that follows."""
    for name, accelerator in settings.shifted.items():
        arriving = arrival(release, name, accelerator, settings.place.environment_bucket)
        image = f"{settings.registry}/{arriving[0]}"
        log(
            "before",
            endpoint=name,
            serves=note_before(settings.place.environment, name, (image, arriving[1])),
        )


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Copy a release; calling it again copies what is missing."""

    def work(job: Job, log: Log) -> str:
        settings = Settings.from_environment()
        job.check_environment(settings.place.environment)
        source = Bucket(settings.artifact_bucket, clients.client("s3"))
        target, verify = settings.place.bucket(), settings.place.verify()
        release = read_release(source, job.release, verify)
        check_fit(release.all)
        shown = chip_evidence(source, release.all, verify)
        if not settings.unproven:
            check_proven(release.all, shown, settings.place.environment)
        live = live_keys(release)
        new = 0
        for manifest in release.all:
            content = manifest.archive.sha256
            places = [key for key, wanted in live.items() if wanted == content]
            fresh = copy_artifact(source, target, manifest, places)
            new += fresh
            log(
                "copied" if fresh else "present", model=manifest.model, content=content, live=places
            )
        copy_evidence(source, target, shown)
        copy_documents(source, target, release)
        read_release(target, job.release, verify)  # what arrived is what was signed
        _note_before(settings, release, log)
        return (
            f"release {job.release[:12]} is in {settings.place.environment}: "
            f"{len(release.all)} artifacts, {new} new"
        )

    return step.run("promote_release", event, work)
