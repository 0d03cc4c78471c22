"""What each environment serves, in a table: `python -m ops status`."""

import argparse

from rich.console import Console
from rich.table import Table

from ops.account import NONE, Account


def endpoints(account: Account, environment: str) -> dict[str, str]:
    """Return the status of each of an environment's SageMaker endpoints by name."""
    found = account.client("sagemaker").list_endpoints(NameContains=f"slipway-{environment}-")
    return {item["EndpointName"]: item["EndpointStatus"] for item in found["Endpoints"]}


def print_status(account: Account, console: Console) -> None:
    """Print a row per environment: live release, the one before, endpoints."""
    table = Table("environment", "live release", "before", "endpoints")
    for name in account.environments:
        live, before = account.pointer(name), account.pointer(name, "previous")
        states = [f"{endpoint}: {status}" for endpoint, status in endpoints(account, name).items()]
        shown = [digest if digest == NONE else digest[:12] for digest in (live, before)]
        table.add_row(name, *shown, "\n".join(states) or "none")
    console.print(table)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say that the command takes nothing."""


def run(arguments: argparse.Namespace) -> int:
    """Print the table of this account."""
    print_status(Account(), Console())
    return 0
