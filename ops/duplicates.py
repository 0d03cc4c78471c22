"""The duplicates job of an environment: start a run, or show the last ones.

python -m ops duplicates start --environment dev [--wait]
python -m ops duplicates status --environment dev
"""

import argparse
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from ops.account import Account

POLL_S = 2.0
SHOWN = 5
LONGEST_REASON = 300


def stack_of(environment: str) -> str:
    """Return the stack that has the job."""
    return f"slipway-{environment}-duplicates"


def start(account: Account, environment: str) -> str:
    """Start a run and return its ARN.

    Raises:
        NotDeployed: The environment has no such job.
    """
    machine = account.output(stack_of(environment), "StateMachine")
    started = account.client("stepfunctions").start_execution(
        stateMachineArn=machine, input='{"startedBy": "operator"}'
    )
    return str(started["executionArn"])


def wait(account: Account, run_arn: str) -> dict[str, Any]:
    """Wait until a run has ended and return its description."""
    states = account.client("stepfunctions")
    while True:
        found: dict[str, Any] = states.describe_execution(executionArn=run_arn)
        if found["status"] != "RUNNING":
            return found
        time.sleep(POLL_S)


def print_status(account: Account, environment: str, console: Console) -> None:
    """Print where pairs and scores lie, and the last runs, each with why it ended badly."""
    stack = stack_of(environment)
    bucket = account.output(f"slipway-{environment}-base", "EnvironmentBucket")
    console.print(f"pairs:  s3://{bucket}/{account.output(stack, 'Input')}", soft_wrap=True)
    console.print(f"scores: s3://{bucket}/{account.output(stack, 'Output')}", soft_wrap=True)
    states = account.client("stepfunctions")
    runs = states.list_executions(
        stateMachineArn=account.output(stack, "StateMachine"), maxResults=SHOWN
    )["executions"]
    table = Table("started", "minutes", "status", "why")
    for run_ in runs:
        found = states.describe_execution(executionArn=run_["executionArn"])
        began, ended = found["startDate"], found.get("stopDate")
        minutes = f"{(ended - began).total_seconds() / 60:.1f}" if ended else ""
        table.add_row(f"{began:%Y-%m-%d %H:%M}", minutes, found["status"], reason(found))
    console.print(table)


def reason(run_: dict[str, Any]) -> str:
    """Return why a run ended badly, as short as a table wants it; empty if it did not."""
    text = str(run_.get("cause") or run_.get("error") or "")
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]} ..."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what to do and where."""
    parser.add_argument("action", choices=("start", "status"))
    parser.add_argument("--environment", required=True)
    parser.add_argument("--wait", action="store_true", help="until the run has ended")


def run(arguments: argparse.Namespace) -> int:
    """Start a run or show the last ones; a run that was waited for and failed gives 1."""
    account, console = Account(), Console()
    if arguments.action == "status":
        print_status(account, arguments.environment, console)
        return 0
    started = start(account, arguments.environment)
    console.print(f"started {started}", soft_wrap=True)
    if not arguments.wait:
        return 0
    ended = wait(account, started)
    console.print(f"{ended['status']} {reason(ended)}".strip(), soft_wrap=True)
    return 0 if ended["status"] == "SUCCEEDED" else 1
