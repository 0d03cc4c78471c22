"""`ops resume`: promotions may enter an environment again (see `ops.pause`)."""

import argparse

from ops import change
from ops.account import Account
from ops.change import Change
from ops.pause import EXPECTED, NothingToDo, add_arguments, paused, resume

__all__ = ["EXPECTED", "add_arguments", "run"]


def run(arguments: argparse.Namespace) -> int:
    """Resume."""
    account = Account()
    client, environment = account.client("codepipeline"), arguments.environment
    before = paused(client, environment)
    if before is None:
        raise NothingToDo(f"{environment}: promotions are not paused")
    wanted = Change(
        "resume",
        environment,
        arguments.reason,
        f"promotions may enter stage Deploy-{environment} again (paused: {before})",
        {"promotions": f"paused: {before}"},
        {"promotions": "open"},
    )

    def do() -> str:
        resume(client, environment)
        return f"{environment} takes promotions again"

    return change.carry_out(account, wanted, arguments, do)
