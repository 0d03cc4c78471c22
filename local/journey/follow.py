"""Follow a pipeline execution to its end, saying what it does in plain words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.journey import say
from ops.executions import Executions, approve, reason, waits_for_a_person

POLL_S = 0.4
WORDS = {
    "Source": "Take the pushed commit",
    "Plan": "Plan: which models have no artifact for their key",
    "Build": "Build: compile, gate and package what is missing",
    "Register": "Register: sign the release, list its versions in the Model Registry",
}
TOLD_STAGES = ("Plan", "Build")
"""Whose build logs are shown as they grow; the others' only when they fail."""


@dataclass
class Follower:
    """One execution being followed; `approve` answers its approvals on the person's behalf."""

    client: Any
    pipeline: str
    execution: str
    builds: Path
    approve: bool
    poll_s: float = POLL_S
    _seen: dict[str, str] = field(default_factory=dict)
    _shown: dict[Path, int] = field(default_factory=dict)
    _stages: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Follow until the end.

        Raises:
            Stopped: It failed, or was stopped or superseded.
        """
        executions = Executions(self.client, self.pipeline, poll_s=self.poll_s)
        for actions in executions.looks(self.execution):
            for action in actions:
                self._tell(action)

    def _tell(self, action: dict[str, Any]) -> None:
        stage, name, status = action["stageName"], action["actionName"], action["status"]
        if stage not in self._stages:
            self._stages.add(stage)
            say.step(WORDS.get(stage, f"{stage}: promote, deploy, verify, then move the pointer"))
        if stage in TOLD_STAGES:
            self._show_log(action)
        if self._seen.get(action["actionExecutionId"]) == status:
            return
        self._seen[action["actionExecutionId"]] = status
        if status == "Succeeded":
            seconds = (action["lastUpdateTime"] - action["startTime"]).total_seconds()
            say.good(f"{name} done in {seconds:.1f} s")
        elif status == "Failed":
            say.bad(f"{name} failed: {reason(action)}")
            self._show_tail(action)
        elif waits_for_a_person(action):
            self._answer(action)

    def _answer(self, action: dict[str, Any]) -> None:
        name = action["actionName"]
        if not self.approve:
            say.detail(f"{name} waits for a person: put the approval result to go on")
            return
        words = "approved by make up on the local cloud"
        if approve(self.client, self.pipeline, action, words):
            say.detail(f"{name}: approved on your behalf (in AWS a person does this)")
        else:  # it has begun, but cannot be answered yet: tried again with the next look
            del self._seen[action["actionExecutionId"]]

    def _log(self, action: dict[str, Any]) -> Path | None:
        result = action.get("output", {}).get("executionResult", {})
        build = str(result.get("externalExecutionId") or "").split(":")[-1]
        found = sorted(self.builds.glob(f"*{build}*.log")) if build else []
        return found[0] if found else None

    def _show_log(self, action: dict[str, Any]) -> None:
        log = self._log(action)
        if log is None:
            return
        with log.open(errors="replace") as stream:
            stream.seek(self._shown.get(log, 0))
            while (line := stream.readline()).endswith("\n"):
                self._shown[log] = stream.tell()
                if line.strip() and not line.startswith("[Container]"):
                    say.detail(line.rstrip())

    def _show_tail(self, action: dict[str, Any]) -> None:
        log = self._log(action)
        if log is None or action["stageName"] in TOLD_STAGES:
            return
        for line in log.read_text(errors="replace").splitlines()[-25:]:
            say.detail(line)
