"""Structured logs: one JSON object a line, joined by the pipeline execution's id."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """Writes events of one invocation.

    Attributes:
        step: The function's name.
        correlation: The pipeline execution's id, or the job's.
    """

    step: str
    correlation: str

    def __call__(self, event: str, **details: object) -> None:
        """Write one event with its details."""
        line = {"step": self.step, "correlation": self.correlation, "event": event, **details}
        print(json.dumps(line, default=str), flush=True)
