"""Releases for drills: commits on top of what the local cloud has, pushed from a scratch clone."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import git
from local.paths import Workplace
from ops.account import Account
from ops.pause import INBOUND

AUTHOR = ("-c", "user.name=drill", "-c", "user.email=drill@localhost")
MARK = Path("catalog/models/DRILL")
"""A file that the model pipeline listens to and no key depends on: the release alone is new."""


@dataclass(frozen=True)
class Drilled:
    """The cloud, environment and pipeline that are drilled."""

    account: Account
    place: Workplace
    environment: str
    pipeline: str

    @property
    def codepipeline(self) -> Any:
        """Return a client."""
        return self.account.client("codepipeline")

    def push(self, change: Callable[[Path], None], message: str) -> str:
        """Commit a change on top of what was pushed last, push it, return the execution's id."""
        with tempfile.TemporaryDirectory(prefix="drill-") as folder:
            _git(Path(folder), "clone", "--quiet", str(self.place.repository), "checkout")
            checkout = Path(folder) / "checkout"
            change(checkout)
            _git(checkout, "add", "--all")
            _git(checkout, *AUTHOR, "commit", "--quiet", "--message", message)
            return git.push(checkout, self.place)[self.pipeline]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep what is drilled out of the environments that follow.

        At the end the execution that waits before them is stopped, and the repository forgets the
        drill's commits: the next push comes from where the last one came.
        """
        branch = "refs/heads/main"
        commit = _git(self.place.repository, "rev-parse", branch)
        after = self.account.environments[self.account.environments.index(self.environment) + 1 :]
        stage = {"pipelineName": self.pipeline, "transitionType": INBOUND}
        names = [f"Deploy-{name}" for name in after]
        try:
            for name in names:
                self.codepipeline.disable_stage_transition(
                    **stage, stageName=name, reason="a drill in the environment before"
                )
            yield
        finally:
            self._stop_what_waits()
            _git(self.place.repository, "update-ref", branch, commit)
            for name in names:
                self.codepipeline.enable_stage_transition(**stage, stageName=name)

    def _stop_what_waits(self) -> None:
        found = self.codepipeline.list_pipeline_executions(pipelineName=self.pipeline)
        for item in found["pipelineExecutionSummaries"]:
            if item["status"] == "InProgress":
                self.codepipeline.stop_pipeline_execution(
                    pipelineName=self.pipeline,
                    pipelineExecutionId=item["pipelineExecutionId"],
                    abandon=True,
                    reason="the drill is over",
                )


def nothing(checkout: Path) -> None:
    """Change nothing but the commit: a release of the same artifacts under another digest."""
    (checkout / MARK).write_text(f"{time.time()}\n")


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
