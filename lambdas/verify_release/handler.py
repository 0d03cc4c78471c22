"""Lambda `verify_release`: is what is live this release, and does it answer as the gates saw?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from catalog import digest
from lambdas.common import step
from lambdas.common.documents import read_release
from lambdas.common.fitting import check_state
from lambdas.common.job import Job
from lambdas.common.live import look
from lambdas.common.log import Log
from lambdas.common.promotion import verification
from lambdas.common.refused import Refused
from lambdas.verify_release.aws import ask
from lambdas.verify_release.env import Settings
from lambdas.verify_release.logic import objection
from lambdas.verify_release.protocol import answer_of, request_of


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Verify a deployed release and keep that it was, for exactly the state that was seen."""

    def work(job: Job, log: Log) -> str:
        place = Settings.from_environment()
        job.check_environment(place.environment)
        bucket = place.bucket()
        release = read_release(bucket, job.release, place.verify())
        state = look(place.environment, release)
        live = check_state(state, release, place.environment_bucket)
        objections = []
        for manifest in live:
            for example in manifest.examples:
                request = request_of(manifest, example.input)
                body = ask(place.environment, state, manifest.serve, request)
                objections.append(objection(manifest, example, answer_of(manifest, body)))
            log("answered", model=manifest.model, examples=len(manifest.examples))
        wrong = [text for text in objections if text]
        if wrong:
            raise Refused(f"release {job.release[:12]} answers wrongly: {'; '.join(wrong)}")
        seen = {"release": job.release, "answers": len(objections), "execution": job.execution}
        for server in state.servers:
            kept = verification(job.release, server.digest())
            bucket.put_once(kept, digest.canonical({**seen, "state": asdict(server)}))
        return (
            f"release {job.release[:12]} is live in {place.environment}: "
            f"{len(live)} models gave {len(objections)} right answers"
        )

    return step.run("verify_release", event, work)
