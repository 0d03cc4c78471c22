"""The subcommand `ops report`."""

import argparse
from pathlib import Path

from ops.account import Account


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--environment", help="whose live release (default: the last one)")
    parser.add_argument("--out", type=Path, default=Path("out/report.html"), help="the page")


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    from ops.report.gather import gather
    from ops.report.page import render

    account = Account()
    environment = arguments.environment or account.environments[-1]
    page = render(gather(account, environment))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page)
    print(f"wrote {arguments.out} ({len(page) // 1024} KiB): open it in a browser")
    return 0
