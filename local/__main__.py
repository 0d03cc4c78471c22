"""`python -m local start|stop|status`."""

import argparse
import sys
from collections.abc import Sequence

from local import ledger, server
from local.paths import workplace


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, stop or describe the local cloud."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=("start", "stop", "status"))
    command = parser.parse_args(arguments).command
    if command == "start":
        try:
            running = server.start()
        except server.CloudDidNotStart as error:
            print(error, file=sys.stderr)
            return 1
        print(f"the local cloud answers at {running.endpoint}")
        return 0
    if command == "stop":
        server.stop()
        print("the local cloud is stopped")
        return 0
    return _status()


def _status() -> int:
    place = workplace()
    running = server.find(place)
    if running is None:
        print("the local cloud is not running")
        return 1
    print(f"the local cloud answers at {running.endpoint} ({server.memory_mb(running):.0f} MB)")
    for group in ledger.groups(place.processes):
        members = len(group.members())
        if members:
            print(f"  {group.pgid:>8}  {group.name}  ({members} processes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
