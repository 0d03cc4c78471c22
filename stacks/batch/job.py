"""What a batch job is, whichever service runs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam

from catalog.sizes import BatchSize

ENTRY_POINT = ("python", "-m", "serving.batch")
ATTEMPTS = 3  # of each member of an array job
START_SECONDS = 1800  # for machines to be found and started


@dataclass(frozen=True)
class Job:
    """One job of one release.

    Attributes:
        name: Such as `slipway-dev-duplicates`.
        image: The name and tag below the registry, such as `slipway/batch:0123456789abcdef`.
        size: Where it runs, and on how many machines.
        input: The S3 URI below which the shards of pairs lie.
        variables: The settings of its code that do not depend on the service.
        runbook: The section of the alarm on runs that end badly.
    """

    name: str
    image: str
    size: BatchSize
    input: str
    variables: Mapping[str, str]
    runbook: str = "batch.md#failing"

    @property
    def timeout_seconds(self) -> int:
        """Return how long one machine may take."""
        return self.size.timeout_minutes * 60

    @property
    def longest_seconds(self) -> int:
        """Return how long a run may take, attempts and the start of machines included."""
        attempts = 1 if self.size.platform == "processing" else ATTEMPTS
        return attempts * (self.timeout_seconds + START_SECONDS)


@dataclass(frozen=True)
class Call:
    """How Step Functions runs the job and waits for its end.

    Attributes:
        resource: The service integration.
        parameters: What it is called with.
        permissions: What the state machine's role needs for it.
        defaults: What the parameters find below `$.order`, where a start does not say otherwise.
    """

    resource: str
    parameters: Mapping[str, object]
    permissions: tuple[iam.PolicyStatement, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
