"""Create, describe, list, update and delete for resources that are records and nothing more."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.endpoints.control.records import Records
from local.endpoints.control.shapes import Json, Shape, output, service, trim
from local.endpoints.errors import AwsError, validation

Operation = Callable[[Json], Json]
DEFAULT_PAGE = 100


@dataclass(frozen=True)
class Kind:
    """How SageMaker names one kind of resource.

    Attributes:
        noun: As in `CreateModel`.
        key: The member that names one, e.g. `ModelName`.
        arn: The member that holds its ARN.
        path: The ARN's path, e.g. `model`.
        words: As error messages say it, e.g. `endpoint configuration`.
        missing: Error code for one that is not there.
        taken: Error code for a name that is in use.
    """

    noun: str
    key: str
    arn: str
    path: str
    words: str
    missing: str = "ValidationException"
    taken: str = "ValidationException"


MODEL = Kind("Model", "ModelName", "ModelArn", "model", "model")
CONFIG = Kind(
    "EndpointConfig",
    "EndpointConfigName",
    "EndpointConfigArn",
    "endpoint-config",
    "endpoint configuration",
)
ENDPOINT = Kind("Endpoint", "EndpointName", "EndpointArn", "endpoint", "endpoint")
GROUP = Kind(
    "ModelPackageGroup",
    "ModelPackageGroupName",
    "ModelPackageGroupArn",
    "model-package-group",
    "Model Package Group",
)
JOB_DEFINITION = Kind(
    "DataQualityJobDefinition",
    "JobDefinitionName",
    "JobDefinitionArn",
    "data-quality-job-definition",
    "Job Definition",
    missing="ResourceNotFound",
    taken="ResourceInUse",
)
SCHEDULE = Kind(
    "MonitoringSchedule",
    "MonitoringScheduleName",
    "MonitoringScheduleArn",
    "monitoring-schedule",
    "Monitoring Schedule",
    missing="ResourceNotFound",
    taken="ResourceInUse",
)


@dataclass(frozen=True)
class Crud:
    """The five operations of one kind; each takes and returns the API's own documents."""

    kind: Kind
    records: Records

    def find(self, name: str) -> Json:
        """Return the record of that name, or raise SageMaker's words for its absence."""
        name = name.rsplit("/", 1)[-1]
        record = self.records.of(self.kind.noun).get(name)
        if record is None:
            arn = self.records.arn(self.kind.path, name)
            raise AwsError(self.kind.missing, f'Could not find {self.kind.words} "{arn}".')
        return record

    def add(self, request: Json, **more: Any) -> Json:
        """Keep a new record made of the request and of what SageMaker adds to it."""
        name = request[self.kind.key]
        arn = self.records.arn(self.kind.path, name)
        kept = self.records.of(self.kind.noun)
        if name in kept:
            raise AwsError(
                self.kind.taken, f'Cannot create already existing {self.kind.words} "{arn}".'
            )
        now = time.time()
        record = request | {self.kind.arn: arn, "CreationTime": now, "LastModifiedTime": now} | more
        tags = record.pop("Tags", [])
        kept[name] = record
        if tags:
            self.records.of("Tags")[arn] = {tag["Key"]: tag["Value"] for tag in tags}
        return record

    def create(self, request: Json) -> Json:
        """Keep a new record; the answer is its ARN."""
        return {self.kind.arn: self.add(request)[self.kind.arn]}

    def describe(self, request: Json) -> Json:
        """Return the record as `Describe...` shows it."""
        return output(f"Describe{self.kind.noun}", self.find(request[self.kind.key]))

    def delete(self, request: Json) -> Json:
        """Forget the record and its tags."""
        record = self.find(request[self.kind.key])
        del self.records.of(self.kind.noun)[record[self.kind.key]]
        self.records.of("Tags").pop(record[self.kind.arn], None)
        return {}

    def list_all(self, request: Json) -> Json:
        """Return one page of summaries, filtered and sorted as asked."""
        records = self.records.of(self.kind.noun).values()
        return page(f"List{self.kind.noun}s", list(records), request, self.kind.key)


def page(operation: str, records: list[Json], request: Json, key: str) -> Json:
    """Return one page of a listing in the operation's own shape.

    Args:
        operation: The listing, e.g. `ListModels`.
        records: Everything that could be listed.
        request: Filters (`NameContains`, `...Equals`, `CreationTimeAfter/Before`), order and page.
        key: The member that holds a record's name.
    """
    shape: Shape = service().operation_model(operation).output_shape
    member = next(name for name, part in shape.members.items() if part.type_name == "list")
    chosen = [record for record in records if _matches(record, request, key)]
    by_name = "Name" in request.get("SortBy", "")
    chosen.sort(key=lambda record: record[key] if by_name else record["CreationTime"])
    if request.get("SortOrder", "Ascending" if by_name else "Descending") == "Descending":
        chosen.reverse()
    try:
        start = int(request.get("NextToken", 0))
    except ValueError:
        raise validation("Invalid pagination token.") from None
    end = start + request.get("MaxResults", DEFAULT_PAGE)
    summary = shape.members[member].member
    answer: Json = {member: [trim(record, summary) for record in chosen[start:end]]}
    if end < len(chosen):
        answer["NextToken"] = str(end)
    return answer


def _matches(record: Json, request: Json, key: str) -> bool:
    return (
        request.get("NameContains", "") in str(record.get(key, ""))
        and request.get("StatusEquals") in (None, record.get("EndpointStatus"))
        and request.get("ModelApprovalStatus") in (None, record.get("ModelApprovalStatus"))
        and request.get("CreationTimeAfter", 0) <= record["CreationTime"]
        and record["CreationTime"] <= request.get("CreationTimeBefore", float("inf"))
    )
