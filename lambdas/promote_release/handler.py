"""Lambda `promote_release`: brings a release into this environment's bucket."""

from collections.abc import Mapping
from typing import Any

from catalog.bucket import Bucket
from lambdas.common import clients, step
from lambdas.common.documents import chip_evidence, read_release
from lambdas.common.job import Job
from lambdas.common.log import Log
from lambdas.promote_release.aws import (
    copy_artifact,
    copy_documents,
    copy_evidence,
)
from lambdas.promote_release.before import note_all
from lambdas.promote_release.env import Settings
from lambdas.promote_release.logic import check_fit, check_proven, live_keys


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
        note_all(settings, release, log)
        return (
            f"release {job.release[:12]} is in {settings.place.environment}: "
            f"{len(release.all)} artifacts, {new} new"
        )

    return step.run("promote_release", event, work)
