"""One invocation from event to answer, the same for all functions."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from catalog.bucket import CorruptArtifact, MissingObject
from catalog.envelope import BadSignature
from lambdas.common import clients
from lambdas.common.job import Job, job_id, parse
from lambdas.common.log import Log
from lambdas.common.refused import Refused

MESSAGE_LIMIT = 2000
# AWS says by itself what was called, and why not.
EXPECTED = (Refused, CorruptArtifact, MissingObject, BadSignature, ClientError)

Work = Callable[[Job, Log], str]


def run(step: str, event: Mapping[str, Any], work: Work) -> dict[str, str]:
    """Do a step's work and answer whoever asked.

    A pipeline gets its answer through CodePipeline, and a failure fails its action. A direct
    caller gets the returned value, or the exception.

    Args:
        step: The function's name, for logs and messages.
        event: The Lambda event.
        work: Does it; returns what was done in plain words.
    """
    job_of_pipeline = job_id(event)
    log = Log(step, job_of_pipeline or "direct")
    try:
        job = parse(event)
        log = Log(step, job.execution or log.correlation)
        log("started", release=job.release, environment=job.environment)
        message = work(job, log)
    except Exception as error:
        message = f"{step}: {error}" if isinstance(error, EXPECTED) else f"{step}: {error!r}"
        trace = None if isinstance(error, EXPECTED) else traceback.format_exc()
        log("failed", message=message, trace=trace)
        if job_of_pipeline is None:
            raise
        _fail(job_of_pipeline, message)
        return {"status": "failed", "message": message}
    log("succeeded", message=message)
    if job_of_pipeline is not None:
        _succeed(job_of_pipeline, message)
    return {"status": "succeeded", "message": message}


def _succeed(job: str, message: str) -> None:
    details = {"summary": message[:MESSAGE_LIMIT], "percentComplete": 100}
    clients.pipeline().put_job_success_result(jobId=job, executionDetails=details)


def _fail(job: str, message: str) -> None:
    details = {"type": "JobFailed", "message": message[:MESSAGE_LIMIT]}
    clients.pipeline().put_job_failure_result(jobId=job, failureDetails=details)
