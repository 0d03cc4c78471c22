"""The local cloud's life: started once, adopted, killed, started again, stopped without a trace."""

import os
import signal

import psutil
import pytest

from local import ledger, server
from local.paths import Workplace
from tests.local.cloud import Cloud, read_template, wait_for


@pytest.fixture
def place(tmp_path):
    found = Workplace(tmp_path / "cloud")
    yield found
    server.stop(found)


def _kill(running):
    os.kill(running.pid, signal.SIGKILL)
    server._CHILDREN[running.pid].wait()


def _orphan(place):
    """Start a process as a build would be that outlives its killed emulator."""
    return ledger.spawn(
        ["sleep", "60"],
        name="build",
        ledger=place.processes,
        environment={"PATH": "/usr/bin:/bin"},
        folder=place.root,
        output=-3,
    )


def test_a_killed_cloud_comes_back_with_its_state_and_ends_what_was_left_running(place):
    first = server.start(place)
    assert server.start(place) == first, "a second start adopts the one that runs"
    cloud = Cloud(place)
    cloud.deploy("pipeline", read_template("pipeline_stack.yaml"))
    api = cloud.client("codepipeline")
    running = api.start_pipeline_execution(name="test")["pipelineExecutionId"]
    wait_for((place.state / "slipway_codepipeline.json").exists)
    orphan = _orphan(place)

    _kill(first)
    again = server.start(place)

    assert again.port == first.port, "addresses in stack outputs stay true"
    assert orphan.wait(5) != 0
    stack = cloud.client("cloudformation").describe_stacks(StackName="pipeline")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    executions = cloud.client("codepipeline").list_pipeline_executions(pipelineName="test")
    states = {e["pipelineExecutionId"]: e for e in executions["pipelineExecutionSummaries"]}
    assert states[running]["status"] == "Failed"

    server.stop(place)

    assert server.find(place) is None
    assert not psutil.pid_exists(again.pid)
    assert not ledger.groups(place.processes)


def test_an_emulator_that_cannot_start_is_reported_with_the_end_of_its_log(place, monkeypatch):
    monkeypatch.setattr(server, "CLOUD_PYTHON", "/bin/false")

    with pytest.raises(server.CloudDidNotStart, match="its log ends with"):
        server.start(place)
