"""The subcommand `ops dashboard`."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.account import Account, NotDeployed
from ops.say import examples

HOURS = 3.0
EXAMPLES = {
    "dashboard --environment prod --out prod.html": "the last three hours of prod, as one page",
    "dashboard --environment prod --hours 0.5": "the last half hour",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    examples(parser, EXAMPLES)
    parser.add_argument("--environment", help="whose (default: the last one)")
    parser.add_argument("--hours", type=float, default=HOURS, help=f"how far back ({HOURS:g})")
    parser.add_argument("--out", type=Path, default=Path("out/dashboard.html"), help="the page")


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    account = Account()
    environment = arguments.environment or account.environments[-1]
    page = draw(account, environment, arguments.hours)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page)
    print(f"wrote {arguments.out} ({len(page) // 1024} KiB): open it in a browser")
    return 0


def draw(account: Account, environment: str, hours: float = HOURS) -> str:
    """Return the page of an environment's deployed dashboard.

    Raises:
        NotDeployed: There is no such dashboard.
    """
    from ops.alarms.cli import read as read_alarms
    from ops.dashboard import body, data, page

    name = f"slipway-{environment}"
    client = account.client("cloudwatch", environment)
    try:
        found = client.get_dashboard(DashboardName=name)["DashboardBody"]
    except client.exceptions.DashboardNotFoundError as error:
        raise NotDeployed(f"dashboard {name}: not deployed here; run `cdk deploy`") from error
    end = datetime.now(UTC)
    alarms = read_alarms(account, environment)
    shown = data.fill(client, body.widgets(found), alarms, hours, end)
    return page.render(name, shown, alarms, end - timedelta(hours=hours), end)
