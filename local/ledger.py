"""A ledger of started process groups, so that whatever was started can be ended.

Each group has one file, written before anything else happens with the process and removed when it
has ended. A group is recognised by its leader's start time as well as its number, so that a number
which the system has given to another program is left alone.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil


@dataclass(frozen=True)
class Group:
    """A process group that was started here."""

    pgid: int
    started: float
    name: str

    def members(self) -> list[psutil.Process]:
        """Return the living processes of the group (not those of a later, foreign group)."""
        with contextlib.suppress(psutil.NoSuchProcess):
            leader = psutil.Process(self.pgid)
            if abs(leader.create_time() - self.started) > 1:
                return []
        found = []
        for number in psutil.pids():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if os.getpgid(number) == self.pgid:  # asked first: it costs next to nothing
                    process = psutil.Process(number)
                    if process.status() != psutil.STATUS_ZOMBIE:
                        found.append(process)
        return found


def spawn(
    argv: Sequence[str | Path],
    *,
    name: str,
    ledger: Path,
    environment: Mapping[str, str],
    folder: Path,
    output: IO[bytes] | int,
) -> subprocess.Popen[bytes]:
    """Start a program as the leader of a process group of its own and record the group.

    Args:
        argv: The program and its arguments.
        name: What `status` calls it.
        ledger: The folder of the ledger.
        environment: All of its environment.
        folder: Its working folder.
        output: Where standard output and error go; `subprocess.PIPE` gives one pipe for both.
    """
    process = subprocess.Popen(
        [str(part) for part in argv],
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    record(ledger, group_of(process, name))
    return process


def group_of(process: subprocess.Popen[bytes], name: str) -> Group:
    """Return the group that a process leads."""
    try:
        started = psutil.Process(process.pid).create_time()
    except psutil.NoSuchProcess:
        started = time.time()
    return Group(process.pid, started, name)


def record(ledger: Path, group: Group) -> None:
    """Write the file of a group."""
    ledger.mkdir(parents=True, exist_ok=True)
    entry = {"pgid": group.pgid, "started": group.started, "name": group.name}
    (ledger / f"{group.pgid}.json").write_text(json.dumps(entry))


def forget(ledger: Path, pgid: int) -> None:
    """Remove the file of a group that has ended."""
    (ledger / f"{pgid}.json").unlink(missing_ok=True)


def groups(ledger: Path) -> list[Group]:
    """Return the recorded groups, whether they still live or not."""
    found = []
    for entry in sorted(ledger.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError):
            fields = json.loads(entry.read_text())
            found.append(Group(int(fields["pgid"]), float(fields["started"]), fields["name"]))
    return found


def end(group: Group, ledger: Path, *, grace_s: float = 5.0) -> None:
    """End every process of a group, kindly first, and forget it."""
    _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while group.members() and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(group, signal.SIGKILL)
    forget(ledger, group.pgid)


def _signal(group: Group, number: signal.Signals) -> None:
    if group.members():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group.pgid, number)
