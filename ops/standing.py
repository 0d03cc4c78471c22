"""What is live in an environment, since when, by whom, and how it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from catalog.audit import Record
from catalog.load import load_environment
from ops import audit
from ops.account import NONE, Account, NotDeployed
from ops.alarms.cli import read as read_alarms
from ops.executions import PIPELINE
from ops.pause import paused
from ops.promotions import Promotion, promotions

UNPROMISED = "-unpromised"
NEAR = timedelta(minutes=2)
"""How soon after a change was asked for its promotion begins."""


@dataclass(frozen=True)
class Standing:
    """One environment as it stands.

    Attributes:
        environment: Its name.
        release: The live release's digest, or `none`.
        since: When the pointer last moved, in UTC; None before anything was live.
        by: Who moved it, as far as anybody knows.
        previous: The release before.
        promotions: `open`, or why no release may enter, or what is under way.
        servers: The state of each endpoint and service by name.
        ringing: The names of the alarms that ring.
    """

    environment: str
    release: str
    since: datetime | None
    by: str
    previous: str
    promotions: str
    servers: Mapping[str, str]
    ringing: tuple[str, ...]


def standing(account: Account, environment: str) -> Standing:
    """Return how an environment stands."""
    release = account.pointer(environment)
    pipeline = account.client("codepipeline")
    try:
        moves = promotions(pipeline, PIPELINE, environment)
        closed = paused(pipeline, environment)
    except ClientError:  # there is no pipeline here: stacks were deployed by hand
        moves, closed = [], None
    ringing = tuple(a.name for a in read_alarms(account, environment) if a.state == "ALARM")
    servers = {**_endpoints(account, environment), **_services(account, environment)}
    return Standing(
        environment=environment,
        release=release,
        since=None if release == NONE else account.moved(environment),
        by=by_whom(release, moves, _changes(account, environment)),
        previous=account.pointer(environment, "previous"),
        promotions=_promotions(moves, closed),
        servers=beside_promises(servers, ringing),
        ringing=ringing,
    )


def beside_promises(servers: Mapping[str, str], ringing: Sequence[str]) -> dict[str, str]:
    """Return the states of servers, and of which what is live is not the pointer's release."""
    broken = {name.removesuffix(UNPROMISED) for name in ringing if name.endswith(UNPROMISED)}
    words = dict.fromkeys(broken, ", but not the promised release")
    return {name: f"{state}{words.get(name, '')}" for name, state in servers.items()}


def by_whom(release: str, moves: list[Promotion], changes: list[Record]) -> str:
    """Return who made a release live: an operator, an answer, an approver, or the pipeline."""
    live = next((move for move in moves if move.moved and move.release == release), None)
    if live is None:
        return "" if release == NONE else "unknown"
    for change in changes:
        asked = datetime.fromisoformat(f"{change.at}+00:00")
        if change.after.get("release") == release and NEAR > live.began - asked > -NEAR:
            return f"{change.who} ({change.action})"
    return live.by or f"pipeline ({live.execution[:8]})"


def _changes(account: Account, environment: str) -> list[Record]:
    try:
        return audit.read(account, environment)
    except (NotDeployed, ClientError):
        return []


def _promotions(moves: list[Promotion], closed: str | None) -> str:
    if closed is not None:
        return f"paused: {closed}"
    under_way = [move for move in moves if move.status == "InProgress"]
    if under_way:
        return f"{under_way[0].release[:12] or 'a release'} is being deployed"
    return "open"


def _endpoints(account: Account, environment: str) -> dict[str, str]:
    client: Any = account.client("sagemaker", environment)
    found = client.list_endpoints(NameContains=f"slipway-{environment}-")["Endpoints"]
    return {item["EndpointName"]: item["EndpointStatus"] for item in found}


def _services(account: Account, environment: str) -> dict[str, str]:
    names = [f"slipway-{environment}-{name}" for name in load_environment(environment).services]
    client: Any = account.client("ecs", environment)
    try:
        found = client.describe_services(cluster=f"slipway-{environment}", services=names)
    except client.exceptions.ClusterNotFoundException:
        return {}
    return {
        item["serviceName"]: f"{item['runningCount']} of {item['desiredCount']} tasks"
        for item in found["services"]
        if item["status"] == "ACTIVE"
    }
