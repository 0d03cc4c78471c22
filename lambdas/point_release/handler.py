"""Lambda `point_release`: the last step of a promotion, and of a rollback."""

from collections.abc import Mapping
from typing import Any

from catalog import digest
from lambdas.common import step
from lambdas.common.documents import read_release
from lambdas.common.fitting import check_state
from lambdas.common.job import Job
from lambdas.common.live import look
from lambdas.common.log import Log
from lambdas.common.promotion import history, verification
from lambdas.common.refused import Refused
from lambdas.point_release import aws
from lambdas.point_release.env import Settings
from lambdas.point_release.logic import moved


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Point at a release; calling it again changes nothing."""

    def work(job: Job, log: Log) -> str:
        settings = Settings.from_environment()
        place = settings.place
        job.check_environment(place.environment)
        bucket = place.bucket()
        release = read_release(bucket, job.release, place.verify())
        state = look(place.environment, release)
        check_state(state, release, place.environment_bucket)
        servers = {server.name: server.digest() for server in state.servers}
        unseen = [
            name
            for name, seen in servers.items()
            if not bucket.exists(verification(job.release, seen))
        ]
        if unseen:
            raise Refused(
                f"release {job.release[:12]} was not verified in what is live in "
                f"{place.environment} now ({', '.join(unseen)}); deploy it and run"
                " verify_release, then point at it"
            )
        now = aws.read(settings)
        then = moved(now, job.release)
        back = now != then and bucket.exists(history(job.release))
        aws.write(settings, now, then)
        aws.tell(place.environment, back=back)
        # From now on it may be rolled back to: it has been live and answered rightly.
        was_live = {"release": job.release, "state": servers, "execution": job.execution}
        bucket.put_once(history(job.release), digest.canonical(was_live))
        log("pointed", release=then.release, previous=then.previous, moved=now != then)
        return f"{place.environment} is at release {then.release[:12]}, was {then.previous[:12]}"

    return step.run("point_release", event, work)
