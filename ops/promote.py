"""`ops promote`: a release goes on into an environment, through the pipeline and verified as ever.

By default it is the one that the environment before serves. It may wait for an approval, which this
gives; its stage may have failed, which is then tried again; or it was live here before. A release
that is nothing of these has not come this far: push its commit.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ops import change
from ops.account import NONE, Account
from ops.change import Change, NotConfirmed
from ops.executions import PIPELINE, Executions, Stopped, approve
from ops.pause import paused
from ops.say import examples

EXAMPLES = {
    "promote --environment prod --dry-run": "what would go on, and how",
    "promote --environment prod --reason 'looked at staging'": "what staging serves goes to prod",
    "promote --environment prod --release 3f9c --yes": "a release by its digest's beginning",
}


class NoWayForward(Exception):
    """There is nothing to promote, or no way by which it could come."""


EXPECTED = (NotConfirmed, NoWayForward, Stopped)


@dataclass(frozen=True)
class Way:
    """How a release goes on.

    Attributes:
        release: Its digest.
        execution: The execution that brings it.
        means: `approve`, `retry` or `again`.
        stage: The stage that is acted upon.
    """

    release: str
    execution: str
    means: str
    stage: str

    @property
    def sentence(self) -> str:
        """Return what will be done."""
        words = {
            "approve": f"approve stage {self.stage} of execution {self.execution}",
            "retry": f"retry stage {self.stage} of execution {self.execution}, which failed",
            "again": f"run stage {self.stage} of execution {self.execution} again",
        }
        return f"release {self.release[:12]} goes on: {words[self.means]}"


def way_forward(
    account: Account, executions: Executions, environment: str, wanted: str | None = None
) -> Way:
    """Return how a release comes into an environment.

    Args:
        account: Where it is deployed.
        executions: Those of the model pipeline.
        environment: Which environment.
        wanted: A release's digest or its beginning; default: what the environment before serves.

    Raises:
        NoWayForward: There is none; the message says what is left to do.
    """
    closed = paused(executions.client, environment, executions.pipeline)
    if closed is not None:
        raise NoWayForward(f"{environment}: promotions are paused ({closed}): `ops resume` first")
    beginning = (wanted or _served_before(account, environment)).removeprefix("sha256:")
    live = account.pointer(environment)
    if live.startswith(beginning):
        raise NoWayForward(f"{environment}: release {live[:12]} is live already: nothing to do")
    for stage, execution, status in _stages(executions, environment):
        release = executions.release(execution) or ""
        if release.startswith(beginning):
            if status == "InProgress" and stage.startswith("Approve-"):
                return Way(release, execution, "approve", stage)
            if status in ("Failed", "Stopped"):
                return Way(release, execution, "retry", stage)
    release = account.was_live(environment, beginning) or ""
    deployed = release and executions.that_deployed(release, f"Deploy-{environment}")
    if deployed:
        return Way(release, deployed, "again", f"Deploy-{environment}")
    raise NoWayForward(
        f"{environment}: release {beginning[:12]} neither waits for approval nor failed nor was"
        f" live here: push its commit, or start {executions.pipeline} (Release change)"
    )


def go(way: Way, executions: Executions, reason: str, arrived: Callable[[], bool]) -> None:
    """Let a release go on and follow it until it has arrived.

    Raises:
        Stopped: It did not come through; what was live before still is.
    """
    client, execution = executions.client, way.execution
    if way.means == "approve":
        for action in _approvals(client, executions.pipeline, way.stage):
            approve(client, executions.pipeline, action, f"promote: {reason}")
    elif way.means == "retry":
        client.retry_stage_execution(
            pipelineName=executions.pipeline,
            stageName=way.stage,
            pipelineExecutionId=execution,
            retryMode="FAILED_ACTIONS",
        )
    else:
        started = client.rollback_stage(
            pipelineName=executions.pipeline,
            stageName=way.stage,
            targetPipelineExecutionId=execution,
        )
        execution = str(started["pipelineExecutionId"])
    executions.follow(execution, until=arrived)


def _served_before(account: Account, environment: str) -> str:
    position = account.environments.index(environment)
    if position == 0:
        raise NoWayForward(f"{environment} is the first: name the release with --release, or push")
    before = account.environments[position - 1]
    release = account.pointer(before)
    if release == NONE:
        raise NoWayForward(f"{before} serves no release yet: there is nothing to promote")
    return release


def _stages(executions: Executions, environment: str) -> Iterator[tuple[str, str, str]]:
    """Yield the environment's stages with the execution that was last in them, and its status."""
    names = (f"Approve-{environment}", f"Deploy-{environment}")
    for stage in executions.client.get_pipeline_state(name=executions.pipeline)["stageStates"]:
        latest = stage.get("latestExecution")
        if stage["stageName"] in names and latest:
            yield stage["stageName"], latest["pipelineExecutionId"], latest["status"]


def _approvals(client: Any, pipeline: str, stage: str) -> Iterator[dict[str, str]]:
    for item in client.get_pipeline_state(name=pipeline)["stageStates"]:
        if item["stageName"] == stage:
            for action in item["actionStates"]:
                if action.get("latestExecution", {}).get("token"):
                    yield {"stageName": stage, "actionName": action["actionName"]}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    change.add_arguments(parser)
    parser.add_argument("--release", help="its digest (default: what the environment before has)")


def run(arguments: argparse.Namespace) -> int:
    """Promote."""
    account, environment = Account(), arguments.environment
    executions = Executions(account.client("codepipeline"), PIPELINE, change.teller(arguments))
    way = way_forward(account, executions, environment, arguments.release)
    before, after = {"release": account.pointer(environment)}, {"release": way.release}
    wish = Change("promote", environment, arguments.reason, way.sentence, before, after)

    def do() -> str:
        go(way, executions, arguments.reason, lambda: account.pointer(environment) == way.release)
        live = account.pointer(environment)
        if live != way.release:
            raise NoWayForward(f"{environment} serves {live[:12]} still: see `ops status`")
        return f"{environment} serves release {live[:12]}, verified"

    return change.carry_out(account, wish, arguments, do)
