"""`ops pause` and `ops resume`: whether promotions may enter an environment.

The inbound transition of the environment's stage in the model pipeline is disabled, with the reason
that the console shows too. What is inside the stage goes on; rollbacks still work. An execution
that waits longer than thirty days does not go on by itself.
"""

import argparse
import re
from typing import Any

from ops import change
from ops.account import Account
from ops.change import NO_REASON, Change, NotConfirmed
from ops.executions import PIPELINE
from ops.say import examples

INBOUND = "Inbound"
LONGEST_REASON = 300
_REFUSED = re.compile(r"[^a-zA-Z0-9!@().*?\- ]")  # what CodePipeline takes no reason with
EXAMPLES = {
    "pause --environment prod --reason 'Black Friday'": "no release enters prod from now on",
    "pause --environment prod --dry-run": "only say what would be done",
    "resume --environment prod": "the execution that waits goes on",
}


class NothingToDo(Exception):
    """It is already as it was asked to be, or nobody said why it should not be."""


EXPECTED = (NotConfirmed, NothingToDo)


def paused(client: Any, environment: str, pipeline: str = PIPELINE) -> str | None:
    """Return why promotions may not enter an environment; None where they may.

    Args:
        client: A boto3 CodePipeline client.
        environment: Which environment.
        pipeline: The model pipeline.
    """
    for stage in client.get_pipeline_state(name=pipeline)["stageStates"]:
        if stage["stageName"] == f"Deploy-{environment}":
            state = stage.get("inboundTransitionState", {})
            if not state.get("enabled", True):
                return str(state.get("disabledReason") or "no reason given")
    return None


def pause(client: Any, environment: str, reason: str, pipeline: str = PIPELINE) -> None:
    """Let no promotion into an environment."""
    client.disable_stage_transition(
        pipelineName=pipeline,
        stageName=f"Deploy-{environment}",
        transitionType=INBOUND,
        reason=_REFUSED.sub(" ", reason)[:LONGEST_REASON],
    )


def resume(client: Any, environment: str, pipeline: str = PIPELINE) -> None:
    """Let promotions into an environment again."""
    client.enable_stage_transition(
        pipelineName=pipeline, stageName=f"Deploy-{environment}", transitionType=INBOUND
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what both commands take."""
    examples(parser, EXAMPLES)
    change.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Pause."""
    account = Account()
    client, environment = account.client("codepipeline"), arguments.environment
    before = paused(client, environment)
    if before is not None:
        raise NothingToDo(f"{environment}: promotions are paused already: {before}")
    if arguments.reason == NO_REASON and not arguments.dry_run:
        raise NothingToDo(f"{environment}: say why with --reason: whoever waits will ask")
    wanted = Change(
        "pause",
        environment,
        arguments.reason,
        f"no promotion enters stage Deploy-{environment} until `ops resume`",
        {"promotions": "open"},
        {"promotions": f"paused: {arguments.reason}"},
    )

    def do() -> str:
        pause(client, environment, arguments.reason)
        return f"{environment} takes no promotions: {paused(client, environment)}"

    return change.carry_out(account, wanted, arguments, do)
