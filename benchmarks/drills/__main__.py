"""`python -m benchmarks.drills [NAME ...]`: drills on the local cloud that `make up` started.

Exit code 1 if a promise was not kept. Each leaves the environment as it found it.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

from benchmarks.drills import bad, drift, operator, rollout, scale, storm
from benchmarks.drills.release import Drilled
from benchmarks.drills.timeline import Timeline
from local.clients import environment as local_environment
from local.paths import workplace
from ops.account import Account

DRILLS: dict[str, Callable[[Drilled], Timeline]] = {
    "rollout": rollout.drill,
    "bad": bad.drill,
    "storm": storm.drill,
    "drift": drift.drill,
    "scale": lambda _drilled: scale.drill_alone(),  # in a cloud of its own
    "operator": operator.drill,
}


def main() -> int:
    """Run the drills that are named, or all, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DRILLS)}")
    parser.add_argument("--environment", default="dev", help="where (default: dev)")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(DRILLS)
    if unknown:
        parser.error(f"no drill {', '.join(sorted(unknown))}: use {', '.join(DRILLS)}")
    # a client that tries again would hide what is looked for
    os.environ.update(local_environment(), AWS_MAX_ATTEMPTS="1")
    account = Account()
    pipeline = account.output("slipway-tooling", "Pipeline")
    drilled = Drilled(account, workplace(), arguments.environment, pipeline)
    began = time.monotonic()
    missed = 0
    for name in arguments.names or DRILLS:
        missed += len(DRILLS[name](drilled).misses)
    print(f"\n{missed} promises missed, {time.monotonic() - began:.0f} s in all")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
