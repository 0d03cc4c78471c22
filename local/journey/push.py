"""`make push`: push this commit to the local cloud and follow the pipeline that it starts."""

import subprocess
from dataclasses import dataclass

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
    """Push HEAD to the local cloud's repository and follow its pipeline to the end.

    Where the repository has the commit already, the pipeline is started on it again, as "Release
    change" does in AWS.

    Raises:
        NothingToPush: The checkout has no commit.
        PipelineStopped: The pipeline did not succeed.
    """
    place = place or workplace()
    commit = _head()
    _warn_of_uncommitted_changes()
    pipeline = account.output("slipway-tooling", "Pipeline")
    execution = git.push(ROOT, place)
    if execution is None:
        say.detail(f"commit {commit[:12]} is there already: running the pipeline on it again")
        answer = client("codepipeline", place=place).start_pipeline_execution(name=pipeline)
        execution = str(answer["pipelineExecutionId"])
    say.detail(f"execution {execution} of pipeline {pipeline}")
    codepipeline = client("codepipeline", place=place)
    Follower(codepipeline, pipeline, execution, place.builds, approve).run()
    for environment in account.environments:
        say.good(f"{environment} serves release {account.pointer(environment)[:12]}")
    return Pushed(commit, pipeline, execution)


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
