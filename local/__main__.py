"""The local cloud: `python -m local up | push | status | ops ... | env | start | down`.

`up` runs the main job, `ops ...` is the operator's command line against the local cloud.
"""

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence

from local import ledger, server
from local.clients import CloudNotRunning, environment
from local.paths import workplace

SHOWN = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "CDK_HOME",
    "JSII_NODE",
)


def _enter() -> None:
    """Point this process's boto3 and the programs it starts at the running local cloud."""
    found = environment()
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        del os.environ[key]
    os.environ.update(found)


def _start(_: Sequence[str]) -> int:
    print(f"the local cloud answers at {server.start().endpoint}")
    return 0


def _up(_: Sequence[str]) -> int:
    from local.journey import say

    adopted = server.find() is not None
    say.step("Start the local cloud: AWS's APIs on one port of this machine")
    say.good(f"it answers at {server.start().endpoint}")
    _enter()
    from local.journey.up import up
    from ops.account import Account

    try:
        up(Account())
    except KeyboardInterrupt:
        if not adopted:  # what this run started, it stops; the state stays
            server.stop()
            say.bad("stopped, with all that was started; `make up` goes on from here")
        raise
    return 0


def _push(_: Sequence[str]) -> int:
    _enter()
    from local.journey.push import push
    from ops.account import Account

    push(Account())
    return 0


def _down(arguments: Sequence[str]) -> int:
    place = workplace()
    server.stop(place)
    print("the local cloud is stopped")
    if "--erase" in arguments:
        shutil.rmtree(place.root, ignore_errors=True)
        print(f"its state is erased ({place.root.name})")
    return 0


def _ops(arguments: Sequence[str]) -> int:
    _enter()
    from ops.__main__ import main as ops

    return ops(list(arguments))


def _env(_: Sequence[str]) -> int:
    found = environment()
    for key in SHOWN:
        print(f"export {key}={shlex.quote(found[key])}")
    return 0


def _status(_: Sequence[str]) -> int:
    place = workplace()
    running = server.find(place)
    if running is None:
        print("the local cloud is not running: start it with `make up`")
        return 1
    print(f"the local cloud answers at {running.endpoint} ({server.memory_mb(running):.0f} MB)")
    for group in ledger.groups(place.processes):
        members = len(group.members())
        if members:
            print(f"  {group.pgid:>8}  {group.name}  ({members} processes)")
    return _ops(["status"])


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "up": (_up, "bring everything up: cloud, stacks, pipeline, endpoints, answers"),
    "push": (_push, "push this commit and follow its pipeline"),
    "status": (_status, "say what runs and which release is live where"),
    "ops": (_ops, "the operator's commands: status, ask, report (see `ops --help`)"),
    "env": (_env, 'print the shell lines for `eval "$(python -m local env)"`'),
    "start": (_start, "start the local cloud alone"),
    "down": (_down, "stop everything that was started; --erase forgets its state"),
}


def _failures() -> tuple[type[Exception], ...]:
    """Return the failures that are told in one line; imported late, they need boto3."""
    from botocore.exceptions import BotoCoreError, ClientError

    from catalog.load import CatalogError
    from local.cdk import CdkFailed
    from local.git import PushRefused
    from local.journey.push import NothingToPush
    from ops.account import NotDeployed, NothingLive
    from ops.executions import Stopped

    mine = (CloudNotRunning, server.CloudDidNotStart, CdkFailed, Stopped)
    return (
        *mine,
        PushRefused,
        NothingToPush,
        NotDeployed,
        NothingLive,
        CatalogError,
        BotoCoreError,
        ClientError,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; expected failures are told in words, with exit code 1."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description=__doc__,
        epilog="\n".join(f"  {name:<8} {text}" for name, (_, text) in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    parsed = parser.parse_args(arguments)
    run, _ = COMMANDS[parsed.command]
    try:
        return run(parsed.rest)
    except KeyboardInterrupt:
        print("interrupted; `make status` says what still runs, `make down` stops it")
        return 130
    except _failures() as error:
        print(f"local: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
