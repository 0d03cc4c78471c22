import subprocess
import sys

import psutil

from local import ledger
from local.ledger import Group

SLEEPER = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"


def _spawn(folder, code=SLEEPER):
    return ledger.spawn(
        [sys.executable, "-c", code],
        name="sleeper",
        ledger=folder,
        environment={"PATH": "/usr/bin:/bin"},
        folder=folder.parent,
        output=subprocess.DEVNULL,
    )


def test_ending_a_group_ends_its_grandchildren_too(tmp_path):
    process = _spawn(tmp_path / "ledger")
    (group,) = ledger.groups(tmp_path / "ledger")
    while len(group.members()) < 2:
        pass

    ledger.end(group, tmp_path / "ledger", grace_s=2)
    process.wait()

    assert not group.members()
    assert not ledger.groups(tmp_path / "ledger")


def test_a_group_outlives_its_leader_and_can_still_be_ended(tmp_path):
    process = _spawn(tmp_path / "ledger", SLEEPER.replace("time.sleep(60)", "pass"))
    process.wait()
    (group,) = ledger.groups(tmp_path / "ledger")
    assert len(group.members()) == 1

    ledger.end(group, tmp_path / "ledger", grace_s=2)

    assert not group.members()


def test_a_number_that_was_given_to_another_program_is_left_alone(tmp_path):
    process = _spawn(tmp_path / "ledger")
    stranger = Group(process.pid, psutil.Process(process.pid).create_time() - 100, "old")

    ledger.end(stranger, tmp_path / "ledger", grace_s=1)

    assert process.poll() is None
    ledger.end(ledger.group_of(process, ""), tmp_path / "ledger", grace_s=1)
    process.wait()
