"""AWS Batch jobs: plain ones and arrays, each member a process, tried again as its definition says.

Hosts, queues' order and Neuron devices do not exist here: a job starts at once.
"""

import copy
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import batch

from local.emulator import gateway
from local.emulator.hooks import wrap
from local.emulator.jobs.process import CannotStart, Work, run
from local.emulator.jobs.threads import Running
from local.paths import Workplace, workplace

LOGGER = logging.getLogger("slipway.jobs")
PRINCIPAL = "ecs-tasks.amazonaws.com"
TOGETHER = 2  # members that run at the same time
LONGEST_S = 86400.0
ENDED = {"SUCCEEDED", "FAILED"}

Json = dict[str, Any]


class BatchJobs:
    """Runs what is submitted to MiniStack's AWS Batch, which itself only keeps records."""

    def __init__(self) -> None:
        self._place: Workplace = workplace()
        self._running = Running()

    def install(self) -> None:
        """Run jobs, and let them be ended."""
        wrap("ministack.services.batch", "_submit_job", self._submitting)
        batch._DISPATCH["/v1/submitjob"] = batch._submit_job
        batch._DISPATCH["/v1/terminatejob"] = self._terminate

    async def start(self) -> None:
        """Fail what was under way when the local cloud stopped."""
        for job in batch._jobs._data.values():
            if job["status"] not in ENDED:
                _end(job, "FAILED", "The local cloud was stopped meanwhile.")

    async def stop(self) -> None:
        """End every job's processes."""
        await self._running.end_all()

    def _submitting(self, original: Any) -> Any:
        def submit(asked: Json) -> Any:
            definition = _definition(asked.get("jobDefinition", ""))
            size = (asked.get("arrayProperties") or {}).get("size")
            if definition is None:
                return _refusal(f"JobDefinition not found: {asked.get('jobDefinition')}")
            if size == 1:
                return _refusal("Array size must be between 2 and 10000")
            answer = original(asked)
            if answer[0] < 400:
                job = batch._jobs[json.loads(answer[2])["jobId"]]
                self._begin(job, definition, size or 0)
            return answer

        return submit

    def _begin(self, job: Json, definition: Json, size: int) -> None:
        job.update(status="RUNNING", statusReason="", stoppedAt=None, container={})
        if size:
            job["arrayProperties"] = {"size": size, "statusSummary": {}}
        scope = (gateway.account(), gateway.region())
        self._running.begin(
            job["jobId"], lambda stop: self._run(job, definition, size, scope, stop)
        )

    def _terminate(self, asked: Json) -> Any:
        job = batch._jobs.get(asked["jobId"])
        if job and job["status"] not in ENDED:
            job["terminated"] = asked["reason"]
            self._running.stop(job["jobId"])
        return batch._json(200, {})

    def _run(
        self, job: Json, definition: Json, size: int, scope: tuple[str, str], stop: threading.Event
    ) -> None:
        indices: list[int | None] = list(range(size)) if size else [None]
        try:
            with ThreadPoolExecutor(min(TOGETHER, len(indices))) as pool:
                codes = list(
                    pool.map(lambda n: self._member(job, definition, n, scope, stop), indices)
                )
        except Exception as error:
            LOGGER.exception("job %s broke", job["jobName"])
            _end(job, "FAILED", str(error))
            return
        bad = [code for code in codes if code != 0]
        job["container"] = {"exitCode": bad[0] if bad else 0}
        if size:
            summary = {"SUCCEEDED": size - len(bad), "FAILED": len(bad)}
            job["arrayProperties"]["statusSummary"] = summary
        reason = job.pop("terminated", "") or "Essential container in task exited"
        _end(job, "FAILED" if bad else "SUCCEEDED", reason)

    def _member(
        self,
        job: Json,
        definition: Json,
        index: int | None,
        scope: tuple[str, str],
        stop: threading.Event,
    ) -> int | None:
        """Run one member, as often as it may; return its exit code, None if it was ended."""
        container = definition["containerProperties"]
        attempts = int((definition.get("retryStrategy") or {}).get("attempts", 1))
        limit = (definition.get("timeout") or {}).get("attemptDurationSeconds", LONGEST_S)
        own = {} if index is None else {"AWS_BATCH_JOB_ARRAY_INDEX": str(index)}
        code: int | None = None
        for attempt in range(1, attempts + 1):
            variables = {item["name"]: item["value"] for item in container.get("environment", [])}
            work = Work(
                name=f"{job['jobName']}-{job['jobId'][:8]}-{index or 0}",
                image=container["image"],
                command=container.get("command", []),
                variables={
                    **variables,
                    **own,
                    "AWS_BATCH_JOB_ID": job["jobId"],
                    "AWS_BATCH_JOB_ATTEMPT": str(attempt),
                },
                role=container["jobRoleArn"],
                principal=PRINCIPAL,
                folders={},
            )
            with request_scope(*scope):
                try:
                    code = run(work, self._place, stop, float(limit)).status
                except CannotStart as error:
                    LOGGER.warning("job %s: %s", job["jobName"], error)
                    code = 1
            if code == 0 or stop.is_set():
                break
        return code


def _definition(name: str) -> Json | None:
    """Return a job definition by ARN, `name:revision` or name; the newest of a name."""
    short = name.rpartition("/")[2]
    base, _, revision = short.partition(":")
    revisions = batch._job_definitions.get(base) or []
    for found in reversed(revisions):
        if not revision or str(found["revision"]) == revision:
            return copy.deepcopy(dict(found))
    return None


def _refusal(message: str) -> Any:
    return batch._json(400, {"__type": "ClientException", "message": message})


def _end(job: Json, status: str, reason: str) -> None:
    job.update(status=status, statusReason=reason, stoppedAt=int(time.time() * 1000))
