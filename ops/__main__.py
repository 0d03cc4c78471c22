"""The operator's command line: `python -m ops COMMAND`.

It acts on the AWS account that the usual AWS_* variables name; against the local cloud run it as
`python -m local ops COMMAND`.
"""

import argparse
import sys
from importlib import import_module

from botocore.exceptions import BotoCoreError, ClientError

from catalog.bucket import CorruptArtifact, MissingObject
from catalog.envelope import BadSignature
from catalog.load import CatalogError
from ops.account import NotDeployed, NothingLive
from ops.visit import NoWayIn

# Each module offers `add_arguments(parser)`, `run(arguments) -> exit code` and, where it has
# failures of its own, `EXPECTED`. It is imported only when it is called: commands start fast.
COMMANDS = {
    "alarms": ("ops.alarms.cli", "list alarms: state, since when, how loud, where to read on"),
    "explain": ("ops.explain.cli", "say what an alarm means, why it rings, and what to do"),
    "status": ("ops.status", "say what each environment serves"),
    "rollback": ("ops.rollback", "bring back a release that was live"),
    "promote": ("ops.promote", "let a release go on into an environment"),
    "drill": ("ops.drill", "let an alarm ring on purpose, and say who noticed"),
    "pause": ("ops.pause", "let no promotion into an environment"),
    "resume": ("ops.resume", "let promotions into an environment again"),
    "audit": ("ops.audit", "list who changed what, when and why"),
    "scale": ("ops.scale", "move the bounds between which an endpoint or service scales"),
    "ask": ("ops.ask", "ask a served model a question"),
    "loadtest": ("ops.loadtest", "offer an environment load and judge it by its limits"),
    "duplicates": ("ops.duplicates", "start the duplicates job, or show its last runs"),
    "report": ("ops.report.cli", "write an HTML page about the live release"),
    "dashboard": ("ops.dashboard.cli", "draw a deployed dashboard as one HTML page"),
    "estimate": ("ops.estimate.cli", "say what environments cost a month, from their templates"),
    "preflight": ("ops.preflight.cli", "say what an account lacks before a first deployment"),
    "release-context": ("ops.release_context", "write the file of `cdk deploy -c release=FILE`"),
}
EXPECTED = (
    NotDeployed,
    NothingLive,
    NoWayIn,
    CatalogError,
    MissingObject,
    CorruptArtifact,
    BadSignature,
    BotoCoreError,
    ClientError,
)


def main(arguments: list[str]) -> int:
    """Run a command; expected failures are one line on standard error and exit code 1."""
    lines = "\n".join(f"  {name:16} {help_}" for name, (_, help_) in COMMANDS.items())
    top = argparse.ArgumentParser(
        prog="python -m ops",
        usage="python -m ops COMMAND [--help]",
        description=f"{__doc__}\ncommands:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of the above")
    name: str = top.parse_args(arguments[:1]).command
    module, help_ = COMMANDS[name]
    command = import_module(module)
    parser = argparse.ArgumentParser(prog=f"python -m ops {name}", description=help_)
    command.add_arguments(parser)
    try:
        return int(command.run(parser.parse_args(arguments[1:])))
    except (*EXPECTED, *getattr(command, "EXPECTED", ())) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
