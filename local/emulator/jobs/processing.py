"""SageMaker Processing jobs: each instance is a process with its own shards of the input."""

import logging
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.responses import request_scope

from local.emulator import gateway
from local.emulator.jobs import transfer
from local.emulator.jobs.process import CannotStart, Ending, Work, run
from local.emulator.jobs.threads import Running
from local.endpoints.control.crud import Crud, Kind, Operation, page
from local.endpoints.control.records import Records
from local.endpoints.control.shapes import Json
from local.endpoints.errors import validation
from local.endpoints.settings import Scope
from local.paths import Workplace

LOGGER = logging.getLogger("slipway.jobs")
JOB = Kind(
    "ProcessingJob",
    "ProcessingJobName",
    "ProcessingJobArn",
    "processing-job",
    "requested job",
    missing="ResourceNotFound",
    taken="ResourceInUse",
)
PRINCIPAL = "sagemaker.amazonaws.com"
STATUS = "ProcessingJobStatus"
UNDER_WAY = {"InProgress", "Stopping"}
INSIDE = "/opt/ml"
LONGEST_S = 86400.0


class ProcessingJobs:
    """The operations on processing jobs, and the threads that run them."""

    def __init__(self, records: Records, place: Workplace) -> None:
        self._records, self._place = records, place
        self._crud = Crud(JOB, records)
        self._running = Running()

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateProcessingJob": self._create,
            "DescribeProcessingJob": self._crud.describe,
            "ListProcessingJobs": self._list,
            "StopProcessingJob": self._stop,
        }

    async def start(self) -> None:
        """Fail what was under way when the local cloud stopped."""
        for scope in list(self._records.scopes(JOB.noun)):
            for record in self._records.of(JOB.noun, scope).values():
                if record[STATUS] in UNDER_WAY:
                    _end(record, "Failed", "The local cloud was stopped meanwhile.")

    async def stop(self) -> None:
        """End every job's processes."""
        await self._running.end_all()

    def _create(self, request: Json) -> Json:
        record = self._crud.add(request, ProcessingStartTime=time.time(), **{STATUS: "InProgress"})
        scope = self._records.scope()
        self._running.begin(
            record[JOB.arn], lambda stop: self._run(dict(request), record, scope, stop)
        )
        return {JOB.arn: record[JOB.arn]}

    def _list(self, request: Json) -> Json:
        wanted = request.get("StatusEquals")
        found = [
            record
            for record in self._records.of(JOB.noun).values()
            if wanted in (None, record[STATUS])
        ]
        plain = {key: value for key, value in request.items() if key != "StatusEquals"}
        return page("ListProcessingJobs", found, plain, JOB.key)

    def _stop(self, request: Json) -> Json:
        record = self._crud.find(request[JOB.key])
        if record[STATUS] not in UNDER_WAY:
            raise validation("The request was rejected because the job is in a final state.")
        record[STATUS] = "Stopping"
        self._running.stop(record[JOB.arn])
        return {}

    def _run(self, job: Json, record: Json, scope: Scope, stop: threading.Event) -> None:
        count = int(job["ProcessingResources"]["ClusterConfig"]["InstanceCount"])
        folder = self._place.scratch / f"processing-{job[JOB.key]}"
        try:
            with ThreadPoolExecutor(count) as pool:
                made = [
                    pool.submit(self._instance, job, scope, folder, index, count, stop)
                    for index in range(count)
                ]
                endings = [instance.result() for instance in made]
            _judge(record, endings, stop)
        except (CannotStart, ClientError, gateway.AssumeRoleRefused, ValueError) as error:
            _end(record, "Failed", f"ClientError: {error}")
        except Exception as error:
            LOGGER.exception("processing job %s broke", job[JOB.key])
            _end(record, "Failed", f"InternalServerError: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _instance(
        self, job: Json, scope: Scope, folder: Path, index: int, count: int, stop: threading.Event
    ) -> Ending:
        own = folder / f"algo-{index + 1}"
        name, role = job[JOB.key], job["RoleArn"]
        application = job["AppSpecification"]
        limit = job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", LONGEST_S)
        with request_scope(*scope):
            s3 = transfer.client(role, name, PRINCIPAL)
            for given in job.get("ProcessingInputs", []):
                _fetch(s3, given["S3Input"], own, index, count)
            (own / "output").mkdir(parents=True, exist_ok=True)
            work = Work(
                name=f"{name}-algo-{index + 1}",
                image=application["ImageUri"],
                command=[
                    *application.get("ContainerEntrypoint", []),
                    *application.get("ContainerArguments", []),
                ],
                variables=job.get("Environment", {}),
                role=role,
                principal=PRINCIPAL,
                folders={INSIDE: own},
            )
            ending = run(work, self._place, stop, float(limit))
            for wanted in job.get("ProcessingOutputConfig", {}).get("Outputs", []):
                output = wanted["S3Output"]
                transfer.put(s3, _here(output["LocalPath"], own), output["S3Uri"])
        return ending


def _fetch(s3: Any, given: Json, own: Path, index: int, count: int) -> None:
    sharded = given.get("S3DataDistributionType") == "ShardedByS3Key"
    keys = transfer.shards(
        s3, given["S3Uri"], index=index if sharded else 0, count=count if sharded else 1
    )
    transfer.fetch(s3, given["S3Uri"], keys, _here(given["LocalPath"], own))


def _here(path: str, own: Path) -> Path:
    if not path.startswith(f"{INSIDE}/"):
        raise ValueError(f"LocalPath {path}: it must lie below {INSIDE}")
    return own / path.removeprefix(f"{INSIDE}/")


def _judge(record: Json, endings: list[Ending], stop: threading.Event) -> None:
    bad = next((ending for ending in endings if ending.status != 0), None)
    if bad is None:
        _end(record, "Completed")
    elif stop.is_set():
        _end(record, "Stopped")
    elif bad.status is None:
        _end(record, "Stopped", "MaxRuntimeInSeconds was exceeded.")
    else:
        record["ExitMessage"] = bad.tail[-1024:]
        _end(
            record,
            "Failed",
            f"AlgorithmError: See job logs for more information, exit code: {bad.status}",
        )


def _end(record: Json, status: str, reason: str = "") -> None:
    now = time.time()
    record.update({"ProcessingEndTime": now, "LastModifiedTime": now})
    if reason:
        record["FailureReason"] = reason
    record[STATUS] = status
