"""The weight shift end to end: deployed, executed, under calls, in a local cloud of its own."""

from collections.abc import Iterator

import pytest

from benchmarks.shift.drill import Drill
from catalog.environment import Rollout
from local import server
from local.paths import Workplace

# long at the half, so that a busy machine has time to ring
ROLLOUT = Rollout(policy="linear", step_percent=50, wait_seconds=1200, bake_seconds=60)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("shift")
    place = Workplace(folder / "cloud")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIPWAY_PACE", "0.05")  # alarms: a minute lasts three seconds
        server.start(place)
    try:
        made = Drill(place, folder / "synth", ROLLOUT)
        made.deploy()
        yield made
    finally:
        server.stop(place)


def test_a_release_that_turns_bad_half_way_is_turned_back_and_no_call_is_lost(drill: Drill):
    outcome = drill.shift(bad_at=50)

    assert outcome.status == "FAILED"
    assert "green-slow went into ALARM" in outcome.cause
    assert outcome.shares == {"blue": 100}
    assert (outcome.lost, outcome.faults) == (0, [])


def test_a_release_that_stays_well_gets_all_traffic_step_by_step(drill: Drill):
    drill.recover()

    outcome = drill.shift()

    assert outcome.status == "SUCCEEDED", outcome.cause
    steps = [event.what for event in outcome.events[:-1]]
    assert steps[-2:] == ["green has 50 %", "green has 100 %"]
    assert outcome.shares == {"green": 100}
    assert outcome.lost == 0


def test_a_shift_that_is_done_is_not_done_again(drill: Drill):
    outcome = drill.shift()

    assert outcome.status == "SUCCEEDED"
    assert [event.what for event in outcome.events[:-1]] == ["green has 100 %"]
