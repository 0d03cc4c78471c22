import threading
import time

import pytest

from local.emulator.codepipeline.gate import Gates, Stopped, Superseded


def _enter(gates, name, mode, log, *, stopped=lambda: False, **more):
    def work():
        try:
            gates.enter("stage", name, mode, stopped, **more)
            log.append(name)
        except Superseded:
            log.append(f"{name} superseded")
        except Stopped:
            log.append(f"{name} stopped")

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.05)
    return thread


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("QUEUED", ["a", "b", "c"]), ("SUPERSEDED", ["a", "b superseded", "c"])],
)
def test_one_execution_is_inside_and_the_mode_decides_about_the_rest(mode, expected):
    gates, log = Gates(), []
    threads = [_enter(gates, name, mode, log) for name in "abc"]

    for name in "abc":
        gates.leave("stage", name)
        time.sleep(0.3)
    for thread in threads:
        thread.join(2)

    assert log == expected


def test_nobody_enters_a_shut_stage_but_a_rollback():
    gates, log, shut = Gates(), [], [True]
    waiting = _enter(gates, "a", "QUEUED", log, shut=lambda: shut[0])
    _enter(gates, "back", "QUEUED", log, shut=lambda: shut[0], ahead=True).join(2)
    gates.leave("stage", "back")
    assert log == ["back"]

    shut[0] = False
    waiting.join(2)

    assert log == ["back", "a"]


def test_a_stopped_execution_waits_no_longer():
    gates, log = Gates(), []
    _enter(gates, "a", "QUEUED", log)
    _enter(gates, "b", "QUEUED", log, stopped=lambda: True).join(2)

    assert log == ["a", "b stopped"]
