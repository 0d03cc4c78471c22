"""The main job as a new user lives it: `python -m benchmarks.journey`.

From a fresh clone of this commit in a new folder: `make up` (set-up included, warm package cache),
`make push` of the same commit again, `make push` after one catalog row was changed, the memory of
all that runs, and `make down`. Prints a Markdown table; exits with 1 where a target is missed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.table import heading

ROOT = Path(__file__).resolve().parent.parent
ROW = "catalog/models/intent.yaml"


@dataclass(frozen=True)
class Line:
    """One line of the table: what, how much, the target, whether it is met."""

    what: str
    reached: str
    target: str
    met: bool


class Stopped(Exception):
    """A command of the journey failed; the message has the end of its output."""


def run(folder: Path, *command: str) -> tuple[float, str]:
    """Run a command as a user of a fresh clone; return wall seconds and output.

    Raises:
        Stopped: It failed.
    """
    own = ("VIRTUAL_ENV", "PYTHONPATH", "SLIPWAY_STATE", "MAKEFLAGS", "MAKELEVEL", "JSII_NODE")
    kept = {key: value for key, value in os.environ.items() if key not in own}
    paths = [part for part in kept["PATH"].split(os.pathsep) if not part.startswith(str(ROOT))]
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | {"PATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise Stopped(f"{' '.join(command)} failed ({done.returncode}):\n{tail}")
    return time.perf_counter() - started, done.stdout


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern in an output.

    Raises:
        Stopped: The output does not say it.
    """
    match = re.search(pattern, text)
    if match is None:
        raise Stopped(f"the output does not say {pattern!r}")
    return match[1]


def processes(folder: Path) -> list[psutil.Process]:
    """Return the processes that were started from a folder, or that work in it."""
    result = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), process.cwd()]
        except psutil.Error:
            continue
        if any(str(folder) in word for word in told) and process.pid != os.getpid():
            result.append(process)
    return result


def memory_gb(folder: Path) -> float:
    """Return the proportional set size of everything that runs from a folder, in GB."""
    sizes = []
    for process in processes(folder):
        try:
            sizes.append(process.memory_full_info().pss)
        except psutil.Error:
            continue
    return float(sum(sizes)) / 1e9


def journey(folder: Path, say: Callable[[str], None]) -> list[Line]:
    """Live the journey in a folder and return the table's lines."""
    lines = []
    say("git clone, make up")
    run(folder.parent, "git", "clone", "--quiet", str(ROOT), str(folder))
    seconds, output = run(folder, "make", "up")
    say(output)
    lines.append(Line("`make up` from a fresh clone", f"{seconds:.0f} s", "300 s", seconds <= 300))
    say("make push, the same commit again")
    seconds, output = run(folder, "make", "push")
    compiled = int(found(r"compiled (\d+)", output))
    plan = float(found(r"refused, in ([\d.]+) s", output))
    lines.append(Line("a push that changes nothing: compiles", str(compiled), "0", compiled == 0))
    lines.append(Line("its plan", f"{plan:.1f} s", "5 s", plan <= 5))
    lines.append(Line("the whole of it", f"{seconds:.0f} s", "-", True))
    say("change one catalog row, commit, make push")
    row = folder / ROW
    row.write_text(
        re.sub(r"threshold: 0\.\d+, fallback", "threshold: 0.1, fallback", row.read_text())
    )
    identity = ("-c", "user.name=Slipway", "-c", "user.email=slipway@example.com")
    run(folder, "git", *identity, "commit", "--quiet", "-am", "Guess an intent sooner than give up")
    seconds, output = run(folder, "make", "push")
    compiled = int(found(r"compiled (\d+)", output))
    lines.append(Line("a push that changes one row: compiles", str(compiled), "1", compiled == 1))
    lines.append(Line("the whole of it", f"{seconds:.0f} s", "-", True))
    used = memory_gb(folder)
    lines.append(Line("memory of all that runs (PSS)", f"{used:.1f} GB", "6 GB", used <= 6))
    say("make down")
    run(folder, "make", "down")
    left = len(processes(folder))
    lines.append(Line("processes left after `make down`", str(left), "0", left == 0))
    return lines


def main() -> int:
    """Measure, print, and return 1 where a target is missed."""
    with tempfile.TemporaryDirectory(prefix="slipway-journey-") as scratch:
        folder = Path(scratch) / "slipway"
        try:
            lines = journey(folder, lambda text: print(text, file=sys.stderr, flush=True))
        except Stopped as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            if (folder / "Makefile").exists():
                subprocess.run(["make", "down"], cwd=folder, check=False, capture_output=True)
    print(heading("The main job from a fresh clone", "warm package cache"))
    print("| what | reached | target | |\n| --- | --- | --- | --- |")
    for line in lines:
        verdict = "met" if line.met else "MISSED"
        print(f"| {line.what} | {line.reached} | {line.target} | {verdict} |")
    return 0 if all(line.met for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
