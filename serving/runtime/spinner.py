"""`python spinner.py PROCESS SECONDS`: after each byte of standard input, hold a core and spin.

For as long as bytes come, and SECONDS more, the process is kept on a core on which no other spinner
is; then it may run anywhere again. Where every core is taken it is left alone. The class is
`SCHED_IDLE`: whatever else is runnable goes first. Standard input ends with the process that
writes it, and this with that. It imports little, since every part of every model has one.
"""

import os
import select
import signal
import socket
import sys
import time


def follow(process: int, seconds: float) -> None:
    """Spin after each byte, until there are no more to come."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # they are for the process, which may drain
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    source = sys.stdin.fileno()
    poll = select.poll()
    poll.register(source, select.POLLIN)
    anywhere = os.sched_getaffinity(process)
    while os.read(source, 65536):
        core, claim = _claim(anywhere)
        with claim:
            if core is None:
                time.sleep(seconds)
                continue
            os.sched_setaffinity(0, {core})
            _move(process, {core})
            _spin(seconds)
            while poll.poll(0) and os.read(source, 65536):
                _spin(seconds)
            _move(process, anywhere)


def _spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def _claim(cores: set[int]) -> tuple[int | None, socket.socket]:
    """Return a core that no other spinner of this container has, and what holds it.

    A socket's abstract name is the claim: the kernel drops it, whatever ends the holder. The last
    core comes first: the first one has the interrupts.
    """
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for core in sorted(cores, reverse=True):
        try:
            claim.bind(f"\0slipway-spinner-{core}")
        except OSError:
            continue
        return core, claim
    return None, claim


def _move(process: int, cores: set[int]) -> None:
    """Let every thread of a process run on these cores alone."""
    try:
        with os.scandir(f"/proc/{process}/task") as threads:
            numbers = [int(thread.name) for thread in threads]
    except FileNotFoundError:
        return  # it has ended
    for number in numbers:
        try:
            os.sched_setaffinity(number, cores)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    try:
        follow(int(sys.argv[1]), float(sys.argv[2]))
    except OSError as error:  # a sandbox that forbids it: the service goes on, slower
        sys.exit(
            f'{{"event": "spinner", "detail": "cannot keep its core awake: {error.strerror}"}}'
        )
