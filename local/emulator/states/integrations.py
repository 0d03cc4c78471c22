"""`sagemaker:createProcessingJob` and `batch:submitJob`, which wait with `.sync`; SDK calls."""

import datetime
import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from ministack.services import stepfunctions

from local.emulator.api import snake
from local.emulator.gateway import AssumeRoleRefused
from local.emulator.states import running

POLL_S = 0.2
PREFIX = "arn:aws:states:::"
SDK_SERVICES = ("sagemaker", "cloudwatch")  # under the role; MiniStack calls others itself

Json = dict[str, Any]
Integration = Callable[[str, Json], Json]


def install() -> None:
    """Add the integrations."""
    running.install()
    table = {
        "sagemaker:createProcessingJob": _processing,
        "batch:submitJob": _batch,
        **{f"aws-sdk:{service}:": _sdk for service in SDK_SERVICES},
    }
    for name, integration in table.items():
        stepfunctions._SERVICE_DISPATCH[f"{PREFIX}{name}"] = _translating(integration)


def _processing(resource: str, parameters: Json) -> Json:
    sagemaker = running.client("sagemaker")
    name = parameters["ProcessingJobName"]
    made = sagemaker.create_processing_job(**parameters)
    if not resource.endswith(".sync"):
        return _plain(made)

    def look() -> Json:
        found: Json = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found

    return _wait(
        look,
        "ProcessingJobStatus",
        good="Completed",
        bad={"Failed", "Stopped"},
        stop=lambda: sagemaker.stop_processing_job(ProcessingJobName=name),
    )


def _batch(resource: str, parameters: Json) -> Json:
    batch = running.client("batch")
    made = batch.submit_job(**stepfunctions._pascal_to_camel(parameters))
    if not resource.endswith(".sync"):
        return _plain(made)
    job = made["jobId"]

    def look() -> Json:
        found: Json = batch.describe_jobs(jobs=[job])["jobs"][0]
        return found

    return _wait(
        look,
        "status",
        good="SUCCEEDED",
        bad={"FAILED"},
        stop=lambda: batch.terminate_job(jobId=job, reason="the execution was stopped"),
    )


def _sdk(resource: str, parameters: Json) -> Json:
    service, action = resource.removeprefix(f"{PREFIX}aws-sdk:").split(":")
    return _plain(getattr(running.client(service), snake(action))(**parameters))


def _wait(
    look: Callable[[], Json], status: str, *, good: str, bad: set[str], stop: Callable[[], Any]
) -> Json:
    """Poll until a job ended; a job that did not end well fails the task with its description."""
    while True:
        found = _plain(look())
        if found[status] == good:
            return found
        if found[status] in bad:
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(found))
        if running.is_stopped():
            stop()
            raise stepfunctions._ExecutionError("States.TaskFailed", "the execution was stopped")
        time.sleep(POLL_S)


def _translating(integration: Integration) -> Integration:
    """Tell a refusal in Step Functions' words: the service, then the exception's name."""

    def call(resource: str, parameters: Json) -> Json:
        try:
            return integration(resource, parameters)
        except ClientError as error:
            service = resource.removeprefix(PREFIX).removeprefix("aws-sdk:").split(":")[0]
            code = error.response["Error"]["Code"]
            name = {"sagemaker": "SageMaker", "batch": "Batch", "cloudwatch": "CloudWatch"}[service]
            raise stepfunctions._ExecutionError(f"{name}.{code}", str(error)) from error
        except ParamValidationError as error:
            raise stepfunctions._ExecutionError("States.Runtime", str(error)) from error
        except AssumeRoleRefused as error:
            raise stepfunctions._ExecutionError("States.TaskFailed", str(error)) from error

    return call


def _plain(answer: Json) -> Json:
    """Return an answer as JSON has it: times as text, no metadata."""
    kept = {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def text(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime.datetime) else str(value)

    return dict(json.loads(json.dumps(kept, default=text)))
