"""What a report tells, as plain values; `gather` collects them, `page` draws them."""

from dataclasses import dataclass
from datetime import datetime

from catalog.artifact import Manifest
from catalog.release import ReleaseContext


@dataclass(frozen=True)
class Step:
    """One action of a pipeline execution; `end` is None while it runs."""

    stage: str
    action: str
    status: str
    start: datetime
    end: datetime | None

    @property
    def seconds(self) -> float:
        """Return how long it took, 0 while it runs."""
        return (self.end - self.start).total_seconds() if self.end else 0.0


@dataclass(frozen=True)
class Pointer:
    """Which release an environment serves, and which it served before."""

    environment: str
    release: str
    previous: str


@dataclass(frozen=True)
class Facts:
    """All that the page shows."""

    environment: str
    context: ReleaseContext
    pointers: tuple[Pointer, ...]
    execution: str
    steps: tuple[Step, ...]

    @property
    def manifests(self) -> list[Manifest]:
        """Return the release's manifests in the order of model names."""
        return list(self.context.all)


def quality(manifest: Manifest) -> str | None:
    """Return the metric that says how good the model's answers are, if one was measured."""
    for metric in ("exact_match", "recall_at_10", "accuracy", "cosine_mean"):
        if manifest.evidence.measurement(metric):
            return metric
    return None
