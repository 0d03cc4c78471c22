"""`python -m ops rollback`: an environment goes back to a release that was live there.

It is the pipeline that goes back (CodePipeline's stage rollback): the stage's steps run again with
the old release, under their own roles, verified as ever, and the pointer moves last. AWS allows it
for executions that started since the pipeline itself was last changed.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from catalog.load import load_environment
from ops.account import NONE, Account
from ops.executions import Executions, Stopped

PIPELINE = "slipway-models"


class NoWayBack(Exception):
    """There is no release to go back to, or no execution that brought it."""


class NotConfirmed(Exception):
    """A person did not say yes."""


EXPECTED = (NoWayBack, NotConfirmed, Stopped)


@dataclass(frozen=True)
class Way:
    """What a rollback will do."""

    environment: str
    live: str
    target: str
    execution: str

    @property
    def stage(self) -> str:
        """Return the stage that runs again."""
        return f"Deploy-{self.environment}"


def way_back(
    account: Account, executions: Executions, environment: str, wanted: str | None = None
) -> Way:
    """Return how an environment goes back.

    Args:
        account: Where it is deployed.
        executions: Those of the model pipeline.
        environment: Which environment.
        wanted: A release's digest or its beginning; default: the one that was live before.

    Raises:
        NoWayBack: There is none; the message says why and what is left to do.
    """
    live, before = account.pointer(environment), account.pointer(environment, "previous")
    target = before if wanted is None else account.was_live(environment, wanted)
    if target is None or target == NONE:
        what = f"release {wanted!r} was never live" if wanted else "no release was live before"
        raise NoWayBack(f"{environment}: {what}: `python -m ops status` says what is and was")
    if target == live:
        raise NoWayBack(f"{environment}: release {live[:12]} is live already: nothing to do")
    execution = executions.that_deployed(target, f"Deploy-{environment}")
    if execution is None:
        raise NoWayBack(
            f"{environment}: no execution of {executions.pipeline} since its last change brought"
            f" release {target[:12]}: deploy it by hand: `python -m ops release-context"
            f" --environment {environment} --release {target}`, then `cdk deploy -c"
            f" env={environment} -c release=release.json`, then the Lambdas verify and point"
        )
    return Way(environment, live, target, execution)


def roll_back(way: Way, executions: Executions, reason: str) -> None:
    """Go back and follow it to the end.

    Raises:
        Stopped: It did not succeed; the pointer still names what was live before.
    """
    started = executions.client.rollback_stage(
        pipelineName=executions.pipeline,
        stageName=way.stage,
        targetPipelineExecutionId=way.execution,
    )
    executions.follow(str(started["pipelineExecutionId"]), yes=f"rollback: {reason}")


def confirm(way: Way, ask: Callable[[str], str]) -> None:
    """Let a person type the environment's name.

    Raises:
        NotConfirmed: It was something else.
    """
    if ask(f"type {way.environment!r} to roll it back: ").strip() != way.environment:
        raise NotConfirmed(f"{way.environment}: not confirmed, so nothing was done")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--environment", required=True, help="which one goes back")
    parser.add_argument("--to", metavar="RELEASE", help="its digest (default: the one before)")
    parser.add_argument("--reason", default="asked for by an operator", help="kept in the history")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Roll back; where a promotion needs a person's approval, so does this."""
    account = Account()
    executions = Executions(account.client("codepipeline"), PIPELINE)
    way = way_back(account, executions, arguments.environment, arguments.to)
    print(
        f"{way.environment}: from release {way.live[:12]} back to {way.target[:12]}, by running"
        f" stage {way.stage} of execution {way.execution} again"
    )
    if arguments.dry_run:
        return 0
    if load_environment(way.environment).approval and not arguments.yes:
        if not sys.stdin.isatty():
            raise NotConfirmed(f"{way.environment} needs a yes: add --yes")
        confirm(way, input)
    roll_back(way, executions, arguments.reason)
    live = account.pointer(way.environment)
    print(f"{way.environment} serves release {live[:12]}, verified")
    return 0 if live == way.target else 1
