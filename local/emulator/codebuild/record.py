"""The record of a build as BatchGetBuilds shows it, kept up to date while the build runs."""

import time
from typing import Any


class BuildRecord:
    """Writes progress into MiniStack's record of one build."""

    def __init__(self, build: dict[str, Any]) -> None:
        self._build = build
        build["phases"] = []
        self.begin("SUBMITTED")

    @property
    def id(self) -> str:
        """The build's id, `project:uuid`."""
        return str(self._build["id"])

    def begin(self, phase: str) -> None:
        """End the phase that runs with success and begin the next."""
        self.end()
        self._build["currentPhase"] = phase
        self._build["phases"].append({"phaseType": phase, "startTime": time.time()})

    def end(self, status: str = "SUCCEEDED", message: str = "") -> None:
        """End the phase that runs."""
        phases = self._build["phases"]
        if not phases or "phaseStatus" in phases[-1]:
            return
        phase = phases[-1]
        phase["phaseStatus"] = status
        phase["endTime"] = time.time()
        phase["durationInSeconds"] = int(phase["endTime"] - phase["startTime"])
        if message:
            phase["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message}]

    def export(self, variables: dict[str, str]) -> None:
        """Show the exported variables."""
        self._build["exportedEnvironmentVariables"] = [
            {"name": name, "value": value} for name, value in variables.items()
        ]

    def finish(self, status: str, message: str = "") -> None:
        """End the build."""
        self.end("SUCCEEDED" if status == "SUCCEEDED" else status, message)
        self._build["phases"].append(
            {"phaseType": "COMPLETED", "startTime": time.time(), "phaseStatus": "SUCCEEDED"}
        )
        self._build["currentPhase"] = "COMPLETED"
        self._build["endTime"] = time.time()
        self._build["buildComplete"] = True
        self._build["buildStatus"] = status
