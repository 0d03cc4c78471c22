"""What a pipeline hands to a build beside the request: its artifacts.

On AWS this passes between the two services unseen. Here the pipeline keeps it under a token that it
gives as StartBuild's idempotency token.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ObjectPlace:
    """An object in a bucket."""

    bucket: str
    key: str


@dataclass(frozen=True)
class Job:
    """The artifacts of a pipeline's build action.

    Attributes:
        primary: The name of the input that is the source.
        inputs: Where each input artifact lies, by name.
        outputs: Where each output artifact goes, by name.
        kms_key: The key that outputs are encrypted with, if the pipeline names one.
        revision: The commit that started the pipeline.
        initiator: `codepipeline/NAME`.
    """

    primary: str
    inputs: Mapping[str, ObjectPlace] = field(default_factory=dict)
    outputs: Mapping[str, ObjectPlace] = field(default_factory=dict)
    kms_key: str | None = None
    revision: str = ""
    initiator: str = "codepipeline"


_JOBS: dict[str, Job] = {}
_LOCK = threading.Lock()


def put(token: str, job: Job) -> None:
    """Keep a job until its build takes it."""
    with _LOCK:
        _JOBS[token] = job


def take(token: str | None) -> Job | None:
    """Return the job of a token and forget it; None for a build that no pipeline started."""
    with _LOCK:
        return _JOBS.pop(token, None) if token else None
