"""What a function is asked to do: one release, one environment.

CodePipeline asks with a `CodePipeline.job` event whose UserParameters are JSON; people and other
functions ask with the same JSON as the event itself.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.common.refused import Refused

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Job:
    """One step's order.

    Attributes:
        environment: The environment's name, or `tooling`.
        release: The release's digest, 64 hex characters.
        execution: The pipeline execution's id, where the pipeline tells it.
    """

    environment: str
    release: str
    execution: str = ""

    def check_environment(self, served: str) -> None:
        """Refuse an order for another environment than the function serves.

        Raises:
            Refused: The job names another.
        """
        if self.environment != served:
            raise Refused(
                f"environment {self.environment!r}: this function serves {served!r} alone; "
                "correct the action's UserParameters"
            )


def job_id(event: Mapping[str, Any]) -> str | None:
    """Return the id of the CodePipeline job, or None for a direct call."""
    job = event.get("CodePipeline.job")
    return str(job["id"]) if job else None


def parse(event: Mapping[str, Any]) -> Job:
    """Read an event.

    Raises:
        Refused: A parameter is missing or malformed.
    """
    parameters = _parameters(event)
    try:
        job = Job(
            str(parameters["environment"]),
            str(parameters["release"]).removeprefix("sha256:"),
            str(parameters.get("execution", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f'{parameters!r}: parameters must be {{"environment": NAME, "release": DIGEST}}'
        ) from error
    if not DIGEST.fullmatch(job.release):
        raise Refused(
            f"release {job.release!r}: must be 64 hex characters; does action Release export it?"
        )
    return job


def _parameters(event: Mapping[str, Any]) -> Any:
    if "CodePipeline.job" not in event:
        return event
    configuration = event["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"]
    text = configuration.get("UserParameters", "")
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(f"UserParameters {text!r}: not JSON") from error
