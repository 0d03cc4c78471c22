"""`python -m ops rollback`: an environment goes back to a release that was live there.

It is the pipeline that goes back (CodePipeline's stage rollback): the stage's steps run again with
the old release, under their own roles, verified as ever, and the pointer moves last. AWS allows it
for executions that started since the pipeline itself was last changed.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ops import change
from ops.account import NONE, Account
from ops.change import Change, NotConfirmed
from ops.executions import PIPELINE, Executions, Stopped
from ops.promotions import Promotion, promotions
from ops.say import examples

EXAMPLES = {
    "rollback --environment prod --dry-run": "what going back would do",
    "rollback --environment prod --reason 'p99 doubled'": "go back to the release before",
    "rollback --environment prod --to 3f9c --yes --json": "to one that was live, without asking",
}


class NoWayBack(Exception):
    """There is no release to go back to, or no execution that brought it."""


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
    account: Account,
    executions: Executions,
    environment: str,
    wanted: str | None = None,
    moves: Sequence[Promotion] = (),
) -> Way:
    """Return how an environment goes back.

    Args:
        account: Where it is deployed.
        executions: Those of the model pipeline.
        environment: Which environment.
        wanted: A release's digest or its beginning; default: the one that was live before.
        moves: The environment's promotions, newest first: a release that was turned away is not
            brought back unless it is named.

    Raises:
        NoWayBack: There is none; the message says why and what is left to do.
    """
    live, before = account.pointer(environment), account.pointer(environment, "previous")
    if wanted is None and is_return(moves):
        raise NoWayBack(
            f"{environment}: release {live[:12]} is itself a return from {before[:12]}, which"
            f" somebody or an alarm turned away (`ops audit`): if you want that one, say --to"
            f" {before[:12]}; `ops status` says what is and was"
        )
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


def is_return(moves: Sequence[Promotion]) -> bool:
    """Say whether the last move went back to a release that was live before."""
    releases = [name for name, _ in groupby(move.release for move in moves if move.moved)]
    return bool(releases) and releases[0] in releases[1:]


def roll_back(way: Way, executions: Executions, reason: str) -> None:
    """Go back and follow it to the end.

    A stage in which an execution is cannot be rolled back: that execution is stopped first, once
    the action that runs has ended. (A rollout that is under way is turned back by its own alarms.)

    Raises:
        Stopped: It did not succeed; the pointer still names what was live before.
    """
    inside = executions.inside(way.stage)
    if inside is not None:
        executions.say(f"execution {inside} is in stage {way.stage}: it is stopped first")
        executions.stop(inside, f"rollback: {reason}")
    started = executions.client.rollback_stage(
        pipelineName=executions.pipeline,
        stageName=way.stage,
        targetPipelineExecutionId=way.execution,
    )
    executions.follow(str(started["pipelineExecutionId"]), yes=f"rollback: {reason}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    examples(parser, EXAMPLES)
    change.add_arguments(parser)
    parser.add_argument("--to", metavar="RELEASE", help="its digest (default: the one before)")


def run(arguments: argparse.Namespace) -> int:
    """Roll back; where a promotion needs a person's approval, so does this."""
    account = Account()
    executions = Executions(account.client("codepipeline"), PIPELINE, change.teller(arguments))
    moves = promotions(executions.client, PIPELINE, arguments.environment)
    way = way_back(account, executions, arguments.environment, arguments.to, moves)
    wanted = Change(
        "rollback",
        way.environment,
        arguments.reason,
        f"from release {way.live[:12]} back to {way.target[:12]}, by running stage {way.stage} of"
        f" execution {way.execution} again",
        {"release": way.live},
        {"release": way.target},
    )

    def do() -> str:
        roll_back(way, executions, arguments.reason)
        live = account.pointer(way.environment)
        if live != way.target:
            raise NoWayBack(f"{way.environment} serves {live[:12]} still: see `ops status`")
        return f"{way.environment} serves release {live[:12]}, verified"

    return change.carry_out(account, wanted, arguments, do)
