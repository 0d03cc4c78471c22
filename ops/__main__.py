"""The operator's command line: `python -m ops status | ask | report | release-context`.

It acts on the AWS account that the usual AWS_* variables name; against the local cloud run it as
`python -m local ops ...`.
"""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from catalog.bucket import CorruptArtifact, MissingObject
from catalog.envelope import BadSignature
from catalog.load import CatalogError
from ops.account import Account, NotDeployed, NothingLive

EXPECTED = (NotDeployed, NothingLive, CatalogError, MissingObject, CorruptArtifact, BadSignature)


def _status(arguments: argparse.Namespace) -> int:
    from ops.status import print_status

    print_status(Account(), Console())
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from ops.report.gather import gather
    from ops.report.page import render

    account = Account()
    environment = arguments.environment or account.environments[-1]
    page = render(gather(account, environment))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page)
    print(f"wrote {arguments.out} ({len(page) // 1024} KiB): open it in a browser")
    return 0


def _ask(arguments: argparse.Namespace) -> int:
    from ops.ask import ask, in_words

    account = Account()
    environment = arguments.environment or account.environments[-1]
    context = account.context(environment, account.live_release(environment))
    if arguments.model not in context.manifests:
        known = ", ".join(sorted(context.manifests))
        print(f"ops: model {arguments.model!r} is not live; use one of {known}", file=sys.stderr)
        return 1
    manifest, *_ = context.manifests[arguments.model].values()  # all ask the same way
    question = arguments.question if len(arguments.question) > 1 else arguments.question[0]
    answer = ask(account, environment, manifest, question)
    print(f"{in_words(manifest, answer.value)}   ({answer.ms:.0f} ms)")
    return 0


def _release_context(arguments: argparse.Namespace) -> int:
    from ops.release_context import main as release_context

    return int(release_context(arguments.rest))


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    status = commands.add_parser("status", help="say what each environment serves")
    status.set_defaults(run=_status)
    report = commands.add_parser("report", help="write an HTML page about the live release")
    report.add_argument("--environment", help="whose live release (default: the last one)")
    report.add_argument("--out", type=Path, default=Path("out/report.html"), help="the page")
    report.set_defaults(run=_report)
    asked = commands.add_parser("ask", help="ask a served model a question")
    asked.add_argument("model", help="its name in the catalog")
    asked.add_argument("question", nargs="+", help="one text, or two for a pair")
    asked.add_argument("--environment", help="where (default: the last one)")
    asked.set_defaults(run=_ask)
    context = commands.add_parser(
        "release-context", help="write the file that `cdk deploy -c release=FILE` reads"
    )
    context.add_argument("rest", nargs=argparse.REMAINDER)
    context.set_defaults(run=_release_context)
    return top


def main(arguments: list[str]) -> int:
    """Run a command; expected failures are one line on standard error and exit code 1."""
    if arguments[:1] == ["release-context"]:  # its own parser, its own --help
        return _release_context(argparse.Namespace(rest=arguments[1:]))
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (*EXPECTED, BotoCoreError, ClientError) as error:
        print(f"ops: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
