"""The local cloud's life: started once, adopted, killed, started again, stopped without a trace."""

import os
import re
import signal

import psutil
import pytest

from catalog.images import image_tag
from local import ledger, server
from local.paths import ROOT, Workplace
from tests.local.cloud import Cloud, read_template, wait_for

STUCK = {"UPDATE_IN_PROGRESS", "CREATE_IN_PROGRESS"}
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer((os.environ["LISTEN"], 8080), Handler).serve_forever()
"""


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


def _saved_statuses(place):
    """Return the statuses of stacks in the last snapshot, once that is written to its end."""
    stacks, last = (
        place.state / f"{name}.json"
        for name in ("cloudformation", "slipway_application-autoscaling")
    )
    if not last.exists() or last.stat().st_mtime_ns < stacks.stat().st_mtime_ns:
        return set()
    return set(re.findall(r'"StackStatus": "(\w+)"', stacks.read_text()))


def _service_stack(name):
    template = read_template("service_stack.yaml")
    template["Resources"]["Cluster"]["Properties"]["ClusterName"] = name
    template["Resources"]["Service"]["Properties"]["ServiceName"] = name
    return template


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


def test_stacks_that_a_kill_interrupted_can_be_deployed_again(place):
    running, cloud = server.start(place), Cloud(place)
    image = f"slipway/intent:{image_tag('intent', ROOT)}"
    live = {"Image": image, "Code": SERVER}
    stuck = {"Image": image, "Code": "import time; time.sleep(60)"}
    first, second = (_service_stack(name) for name in ("first", "second"))
    assert cloud.deploy("first", first, **live)["StackStatus"] == "CREATE_COMPLETE"
    cloud.begin("first", first, **stuck)
    cloud.begin("second", second, **stuck)
    wait_for(lambda: _saved_statuses(place) >= STUCK)

    _kill(running)
    server.start(place)

    stacks = cloud.client("cloudformation")
    found = {stack["StackName"]: stack for stack in stacks.describe_stacks()["Stacks"]}
    assert found["first"]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert found["second"]["StackStatus"] == "ROLLBACK_FAILED", "cdk deletes it and begins anew"
    assert "was stopped while this ran" in found["second"]["StackStatusReason"]
    assert cloud.deploy("first", first, **live)["StackStatus"] == "UPDATE_COMPLETE"
    stacks.delete_stack(StackName="second")
    wait_for(lambda: len(stacks.describe_stacks()["Stacks"]) == 1)
    assert not cloud.client("ecs").list_services(cluster="second")["serviceArns"]


def test_an_emulator_that_cannot_start_is_reported_with_the_end_of_its_log(place, monkeypatch):
    monkeypatch.setattr(server, "CLOUD_PYTHON", "/bin/false")

    with pytest.raises(server.CloudDidNotStart, match="its log ends with"):
        server.start(place)
