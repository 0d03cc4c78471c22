"""Keeps the processor core that serves from sleeping between two requests.

A virtual machine's core with nothing to do is handed back to the host. Being woken costs the next
request a turn in the host's queue, a lower clock and cold caches: at a hundred requests a second
more than its answer does (docs/adr/0020). So while requests come, the process that serves stays on
one core, and a `spinner` of the lowest class spins there. Both share that core, so that together
they never exceed a quota of one; and since the spinner lingers for a moment only, an idle service
costs nothing.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from serving.runtime import spinner

LINGER_MS = 100.0
VARIABLE = "SLIPWAY_AWAKE_MS"


class Awake:
    """Keeps this process on one core, awake; where that cannot be, does nothing."""

    def __init__(self, linger_ms: float = LINGER_MS, threads: int = 1) -> None:
        """Start the spinner, asleep; for 0 ms none, nor for an engine of several threads."""
        self._spinner: subprocess.Popen[bytes] | None = None
        if linger_ms and threads == 1 and hasattr(os, "SCHED_IDLE"):  # Linux has it
            # A process: a thread could be pushed aside while it holds the interpreter's lock.
            command = [sys.executable, "-I", "-S", spinner.__file__]
            told = (str(os.getpid()), str(linger_ms / 1e3))
            with suppress(OSError):  # no interpreter to be found from inside another server
                self._spinner = subprocess.Popen(
                    [*command, *told], stdin=subprocess.PIPE, bufsize=0
                )
        if self._spinner and self._spinner.stdin:
            self._pipe = self._spinner.stdin.fileno()
            os.set_blocking(self._pipe, False)

    @staticmethod
    def of(environment: Mapping[str, str], threads: int = 1) -> "Awake":
        """Make one as `SLIPWAY_AWAKE_MS` says.

        Raises:
            ValueError: It is no number of milliseconds.
        """
        told = environment.get(VARIABLE) or str(LINGER_MS)
        if not told.replace(".", "", 1).isdecimal():
            raise ValueError(f"{VARIABLE} is {told!r}; give milliseconds, or 0 for none")
        return Awake(float(told), threads)

    def poke(self) -> None:
        """Keep the core awake from now on; takes about a microsecond."""
        if self._spinner:
            try:
                os.write(self._pipe, b".")
            except BlockingIOError:
                pass  # it had no turn for thousands of requests: the core does not sleep
            except BrokenPipeError:
                self.close()  # it may not spin here, or was killed: slower, not wrong

    def close(self) -> None:
        """End the spinner."""
        if self._spinner:
            with self._spinner:  # whose end it waits for
                self._spinner.kill()
            self._spinner = None
