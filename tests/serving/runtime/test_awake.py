import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing

import psutil
import pytest

from serving.runtime.awake import Awake
from tests.serving.patience import eventually

CORES = os.sched_getaffinity(0)
SERVER = """
import sys, time
from serving.runtime.awake import Awake
awake = Awake(float(sys.argv[1]))
print(awake._spinner.pid, flush=True)
for line in sys.stdin:
    awake.poke()
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux keeps cores awake")


class Server:
    """A process that pokes when it is asked to; pytest's own stays where it is."""

    def __init__(self, linger_ms: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(linger_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self.process.stdout
        self.spinner = int(self.process.stdout.readline())

    def poke(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")

    def cores(self) -> set[int]:
        return os.sched_getaffinity(self.process.pid)

    def close(self) -> None:
        with self.process:
            self.process.kill()


@pytest.fixture
def servers():
    with ExitStack() as stack:
        yield lambda linger_ms=50: stack.enter_context(closing(Server(linger_ms)))


def spent(process: int) -> float:
    """Return the seconds of processor time that a process took."""
    return sum(psutil.Process(process).cpu_times()[:2])


def alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kept(server: Server) -> bool:
    """Poke once more, and say whether it now has a core of its own."""
    server.poke()
    return len(server.cores()) == 1 and server.cores() == os.sched_getaffinity(server.spinner)


@pytest.mark.skipif(len(CORES) < 2, reason="with one core there is nowhere to move")
def test_while_it_is_poked_a_process_stays_on_one_core_with_an_idle_class_spinner(servers):
    server = servers()

    assert eventually(lambda: kept(server))
    assert os.sched_getscheduler(server.spinner) == os.SCHED_IDLE
    before = spent(server.spinner)
    assert eventually(lambda: kept(server) and spent(server.spinner) > before)


@pytest.mark.skipif(len(CORES) < 2, reason="with one core there is nowhere to move")
def test_a_moment_after_the_last_poke_the_process_may_run_anywhere_and_the_spinner_sleeps(servers):
    server = servers()
    assert eventually(lambda: kept(server))

    assert eventually(lambda: server.cores() == CORES)
    before = spent(server.spinner)
    time.sleep(0.2)
    assert spent(server.spinner) == before


@pytest.mark.skipif(len(CORES) < 2, reason="with one core there is nowhere to move")
def test_no_two_busy_processes_are_kept_on_one_core_and_one_too_many_is_left_alone(servers):
    busy = [servers(linger_ms=5000) for _ in CORES]
    late = servers(linger_ms=5000)
    for server in busy:
        assert eventually(lambda server=server: kept(server))
    assert set.union(*(server.cores() for server in busy)) == CORES

    until = time.monotonic() + 1
    while time.monotonic() < until:
        late.poke()
        assert late.cores() == CORES
        time.sleep(0.01)


def test_the_spinner_ends_with_its_process_however_that_ends(servers):
    server = servers()
    server.poke()

    server.process.send_signal(signal.SIGKILL)

    assert eventually(lambda: not alive(server.spinner))


def test_a_process_whose_spinner_was_killed_goes_on(servers):
    server = servers()
    os.kill(server.spinner, signal.SIGKILL)

    assert eventually(lambda: [server.poke(), not alive(server.spinner)][1])
    assert server.process.poll() is None


@pytest.mark.parametrize("wanted", [{"linger_ms": 0}, {"threads": 2}])
def test_nothing_spins_for_0_ms_or_beside_an_engine_of_several_threads(wanted):
    awake = Awake(**wanted)

    awake.poke()

    assert awake._spinner is None


def test_a_time_that_is_no_number_is_refused_with_its_name_and_the_remedy():
    with pytest.raises(ValueError, match="SLIPWAY_AWAKE_MS is 'ever'; give milliseconds, or 0"):
        Awake.of({"SLIPWAY_AWAKE_MS": "ever"})
