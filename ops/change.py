"""How every command changes an environment: said first, confirmed, recorded, then done.

`--dry-run` only says it. Where a promotion waits for a person's approval, a change waits for the
environment's name to be typed, or for `--yes`. Before and after it, a record of who does what, and
why, is written into the environment's bucket (`catalog.audit`): no record, no change.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from catalog.audit import Record, new_id
from catalog.load import load_environment
from ops.account import Account

NO_REASON = "asked for by an operator"


class NotConfirmed(Exception):
    """A person did not say yes."""


@dataclass(frozen=True)
class Change:
    """What is about to be changed.

    Attributes:
        action: The command, such as `rollback`.
        environment: Which environment.
        reason: Why.
        sentence: What will be done, for people.
        before: What is, by name.
        after: What is to be, by name.
    """

    action: str
    environment: str
    reason: str
    sentence: str
    before: Mapping[str, str]
    after: Mapping[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what all changes take."""
    parser.add_argument("--environment", required=True, help="which one is changed")
    parser.add_argument("--reason", default=NO_REASON, help="why: it stays in the audit record")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print the record; progress on stderr")


def teller(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Return what prints progress: on standard output, unless that is for JSON."""
    stream = sys.stderr if arguments.json else sys.stdout
    return lambda line: print(line, file=stream, flush=True)


def carry_out(
    account: Account, change: Change, arguments: argparse.Namespace, do: Callable[[], str]
) -> int:
    """Say it, ask, record it, do it, record how it ended; return the exit code.

    Args:
        account: Where it is.
        change: What is to be done.
        arguments: Those of `add_arguments`.
        do: Does it and returns its outcome in a sentence.

    Raises:
        NotConfirmed: Nobody said yes; nothing was done.
        Exception: What `do` raises, recorded as failed.
    """
    say = teller(arguments)
    say(f"{change.environment}: {change.sentence}")
    if arguments.dry_run:
        if arguments.json:
            print(json.dumps(asdict(change) | {"dry_run": True}, indent=1))
        return 0
    if load_environment(change.environment).approval and not arguments.yes:
        confirm(change.environment, input if sys.stdin.isatty() else None)
    ended = record(account, change, do)
    say(ended.outcome)
    if arguments.json:
        print(ended.to_json().decode(), end="")
    return 0


def record(account: Account, change: Change, do: Callable[[], str]) -> Record:
    """Do something between two audit records and return the second."""
    bucket = account.records(change.environment)
    asked = Record(
        id=new_id(datetime.now(UTC), uuid.uuid4().hex),
        who=account.who,
        action=change.action,
        environment=change.environment,
        reason=change.reason,
        before=dict(change.before),
        after=dict(change.after),
    )
    bucket.put_once(asked.key, asked.to_json())
    try:
        ended = asked.ended("done", do())
    except BaseException as error:
        failed = asked.ended("failed", str(error) or type(error).__name__)
        bucket.put_once(failed.key, failed.to_json())
        raise
    bucket.put_once(ended.key, ended.to_json())
    return ended


def confirm(environment: str, ask: Callable[[str], str] | None) -> None:
    """Let a person type the environment's name.

    Args:
        environment: Its name.
        ask: Asks a question; None where nobody can be asked.

    Raises:
        NotConfirmed: Nobody could be asked, or it was something else.
    """
    if ask is None:
        raise NotConfirmed(f"{environment} asks for a person's yes: add --yes")
    if ask(f"type {environment!r} to do it: ").strip() != environment:
        raise NotConfirmed(f"{environment}: not confirmed, so nothing was done")
