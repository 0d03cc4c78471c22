"""Entry point of `python -m model_build`."""

import argparse
import sys
from pathlib import Path

from catalog.bucket import CorruptArtifact
from catalog.load import CatalogError
from model_build import cli
from model_build.golden import UnknownGoldenSet
from model_build.key import ROOT
from model_build.onchip import cli as onchip_cli


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands."""
    top = argparse.ArgumentParser(prog="python -m model_build", description=cli.__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    plan = commands.add_parser("plan", help="say which models have no artifact for their key")
    plan.add_argument("--out", type=Path, default=Path("plan.json"), help="where the plan goes")
    plan.add_argument("--commit", help="the commit that is planned (default: the checked-out one)")
    plan.set_defaults(run=cli.plan)

    build = commands.add_parser("build", help="compile, gate, package and publish what is missing")
    build.add_argument("--plan", type=Path, default=Path("plan.json"), help="the plan to follow")
    build.add_argument("--accelerator", default="cpu", help="build the targets of this one")
    build.add_argument("--model", help="build this model alone")
    build.set_defaults(run=cli.build)

    release = commands.add_parser("release", help="sign the list of a plan's artifacts")
    release.add_argument("--plan", type=Path, default=Path("plan.json"), help="a plan, all built")
    release.add_argument("--commit", help="the commit it is made from (default: the plan's)")
    release.add_argument("--previous", help="digest of the release that this one follows")
    release.add_argument(
        "--out", type=Path, default=Path("release.txt"), help="where the release's digest goes"
    )
    release.set_defaults(run=cli.release)

    search = commands.add_parser("search", help="look for a server's best settings by hand")
    search.add_argument("model", help="a model that Triton serves")
    search.add_argument("--accelerator", default="cpu", help="which of its targets")
    search.add_argument("--p99", type=float, help="the objective in ms, if the row has none")
    search.add_argument("--trials", type=int, help="measure no more often than this")
    search.add_argument("--seconds", type=float, help="of each trial")
    search.add_argument(
        "--record", action="store_true", help="keep the winner: later builds are compared with it"
    )
    search.add_argument(
        "--out", type=Path, default=Path("curve.json"), help="JSON, and .svg beside"
    )
    search.set_defaults(run=cli.search)

    onchip = commands.add_parser("onchip", help="prove a release's artifacts on their chip")
    onchip_cli.add_arguments(onchip)
    onchip.set_defaults(run=onchip_cli.run)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (CatalogError, UnknownGoldenSet, cli.MissingSetting) as error:
        print(str(error).replace(f"{ROOT}/", ""), file=sys.stderr)
        return cli.EXIT["malformed catalog or settings"]
    except CorruptArtifact as error:
        print(f"corrupt artifact: {error}", file=sys.stderr)
        return cli.EXIT["corrupt artifact"]
    except cli.expected() as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return cli.EXIT["failed"]


if __name__ == "__main__":
    sys.exit(main())
