"""The real `cdk` command line against the local cloud."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local import server
from local.clients import environment
from local.paths import NODE_BIN, ROOT, Workplace

Say = Callable[[str], None]
_TAIL = 25


class CdkFailed(Exception):
    """The command line failed; the message has the end of its output."""


def bootstrap(
    place: Workplace | None = None,
    *,
    accounts: Sequence[str] = (server.ACCOUNT,),
    region: str = server.REGION,
    say: Say = print,
) -> float:
    """Bootstrap accounts and return the seconds it took.

    Runs outside the app's folder: inside it, the command line would synthesise the app first.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for account in accounts:
            variables = environment(account=account, place=place)
            target = f"aws://{account}/{region}"
            _run(["bootstrap", target], Path(folder), variables, say)
    return time.monotonic() - started


def deploy(
    stacks: Sequence[str],
    place: Workplace | None = None,
    *,
    context: Mapping[str, str] | None = None,
    app: Path | None = None,
    folder: Path = ROOT,
    exclusively: bool = False,
    concurrency: int = 8,
    say: Say = print,
) -> float:
    """Deploy stacks and return the seconds it took.

    Args:
        stacks: Names or patterns; `--all` or nothing for all.
        place: The local cloud.
        context: Values for `-c`.
        app: A folder that was synthesised already; by default the app is synthesised.
        folder: Where `cdk.json` lies.
        exclusively: Whether to leave out the stacks that these depend on.
        concurrency: How many stacks deploy at once.
        say: Takes each line of output.
    """
    started = time.monotonic()
    arguments = ["deploy", *(stacks or ["--all"]), "--require-approval", "never"]
    arguments += ["--progress", "events"]
    arguments += ["--concurrency", str(concurrency)]
    if exclusively:
        arguments.append("--exclusively")
    if app is not None:
        arguments += ["-a", str(app)]
    for key, value in (context or {}).items():
        arguments += ["-c", f"{key}={value}"]
    if app is None:
        # an output folder of its own: two runs at once must not share `cdk.out`
        with tempfile.TemporaryDirectory(prefix="cdk-out-") as out:
            _run([*arguments, "-o", out], folder, environment(place=place), say)
    else:
        _run(arguments, folder, environment(place=place), say)
    return time.monotonic() - started


def destroy(
    stacks: Sequence[str],
    *,
    app: Path,
    folder: Path = ROOT,
    place: Workplace | None = None,
    say: Say = print,
) -> None:
    """Destroy stacks."""
    arguments = ["destroy", *stacks, "--force", "-a", str(app)]
    _run(arguments, folder, environment(place=place), say)


def _run(arguments: Sequence[str], folder: Path, variables: Mapping[str, str], say: Say) -> None:
    command = [str(NODE_BIN / "cdk"), *arguments, "--no-notices", "--ci"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**variables, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line.rstrip())
            say(lines[-1])
    if process.returncode:
        shown = "\n".join(lines[-_TAIL:])
        raise CdkFailed(f"cdk {' '.join(arguments[:2])} failed ({process.returncode}):\n{shown}")


def main(arguments: Sequence[str]) -> int:
    """Run any `cdk` command against the local cloud, from the current folder."""
    try:
        _run(list(arguments), Path.cwd(), environment(), print)
    except CdkFailed:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or os.EX_OK)
