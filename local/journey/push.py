"""`make push`: push this commit to the local cloud and follow the pipeline that it starts."""

import subprocess
from dataclasses import dataclass
from typing import Any

from local import git
from local.clients import client
from local.journey import say
from local.journey.follow import Follower
from local.paths import ROOT, Workplace, workplace
from ops.account import Account


class NothingToPush(Exception):
    """There is no commit to push."""


@dataclass(frozen=True)
class Pushed:
    """A push and the execution it started."""

    commit: str
    pipeline: str
    execution: str


def push(account: Account, place: Workplace | None = None, *, approve: bool = True) -> Pushed:
    """Push HEAD to the local cloud's repository and follow its pipelines to the end.

    A push that changes what deploys runs the infrastructure's pipeline first, which starts the
    models' at its end. Where the push starts none, the models' is started on the commit, as
    "Release change" does in AWS.

    Raises:
        NothingToPush: The checkout has no commit.
        Stopped: The pipeline did not succeed.
    """
    place = place or workplace()
    commit = _head()
    _warn_of_uncommitted_changes()
    pipeline = account.output("slipway-tooling", "Pipeline")
    codepipeline = client("codepipeline", place=place)
    started = git.push(ROOT, place)
    for changing in [name for name in started if name != pipeline]:
        say.detail(f"execution {started[changing]} of pipeline {changing}: it deploys the stacks")
        Follower(codepipeline, changing, started[changing], place.builds, approve).run()
    execution = started.get(pipeline) or _newest(codepipeline, pipeline, commit)
    if execution is None:
        say.detail(f"running the pipeline on commit {commit[:12]} again")
        answer = codepipeline.start_pipeline_execution(name=pipeline)
        execution = str(answer["pipelineExecutionId"])
    say.detail(f"execution {execution} of pipeline {pipeline}")
    Follower(codepipeline, pipeline, execution, place.builds, approve).run()
    for environment in account.environments:
        say.good(f"{environment} serves release {account.pointer(environment)[:12]}")
    return Pushed(commit, pipeline, execution)


def _newest(codepipeline: Any, pipeline: str, commit: str) -> str | None:
    """Return the execution of a commit that another pipeline has just started, if one runs."""
    found = codepipeline.list_pipeline_executions(pipelineName=pipeline, maxResults=1)
    for item in found["pipelineExecutionSummaries"]:
        if item["status"] == "InProgress" and item["trigger"]["triggerDetail"] == commit:
            return str(item["pipelineExecutionId"])
    return None


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _head() -> str:
    commit = _git("rev-parse", "HEAD")
    if not commit:
        raise NothingToPush(f"{ROOT} has no commit: commit your catalog first, then push")
    return commit


def _warn_of_uncommitted_changes() -> None:
    changed = _git("status", "--porcelain", "--untracked-files=no")
    if changed:
        say.detail(f"{len(changed.splitlines())} changed files are not committed, so not pushed")
