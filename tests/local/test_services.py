"""An ECS service is a process: it answers, is replaced without a gap, and turns back on failure."""

import urllib.request

import psutil
import pytest

from catalog.images import image_tag
from local.paths import ROOT
from tests.local.cloud import heard, listen, read_template

SERVER = """
import http.server, os, boto3
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"WORD")
boto3.client("sqs").list_queues()
http.server.HTTPServer((os.environ["LISTEN"], 8080), Handler).serve_forever()
"""


def _get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


def _deploy(cloud, code, tag=None):
    image = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/intent:{tag}"
    return cloud.deploy("service", read_template("service_stack.yaml"), Image=image, Code=code)


@pytest.fixture(scope="module")
def service(local_cloud):
    tag = image_tag("intent", ROOT)
    stack = _deploy(local_cloud, SERVER.replace("WORD", "one"), tag)
    assert stack["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("service")
    url = stack["Outputs"][0]["OutputValue"]
    yield local_cloud, url, tag
    local_cloud.client("cloudformation").delete_stack(StackName="service")


def _processes(word):
    found = [p for p in psutil.process_iter() if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in found if any(f'b"{word}"' in part for part in p.cmdline())]


def test_a_service_answers_behind_its_load_balancer_under_its_task_role(service):
    cloud, url, _ = service

    assert _get(url) == "one"
    (found,) = cloud.client("ecs").describe_services(cluster="service", services=["service"])[
        "services"
    ]
    assert (found["runningCount"], found["deployments"][0]["rolloutState"]) == (1, "COMPLETED")


def test_an_update_replaces_the_task_and_a_broken_one_turns_back(service):
    cloud, url, tag = service
    queue = listen(cloud, "deployments", {"detail-type": ["ECS Deployment State Change"]})

    updated = _deploy(cloud, SERVER.replace("WORD", "two"), tag)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", cloud.reasons("service")
    assert _get(url) == "two"

    broken = _deploy(cloud, "raise SystemExit('three is broken')", tag)
    assert broken["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "circuit breaker" in cloud.reasons("service")
    assert _get(url) == "two"
    assert not _processes("one")
    told = [item["eventName"].rpartition("_")[2] for item in heard(cloud, queue, 3)]
    assert told == ["COMPLETED", "FAILED", "COMPLETED"]


def test_an_image_that_no_known_commit_makes_is_not_run(service):
    cloud, url, _ = service

    stack = _deploy(cloud, SERVER.replace("WORD", "four"), "0" * 16)

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert _get(url) == "two"


def test_a_first_deployment_that_never_gets_healthy_fails_its_stack_and_leaves_no_service(
    local_cloud,
):
    template = read_template("service_stack.yaml")
    template["Resources"]["Service"]["Properties"]["ServiceName"] = "broken"
    template["Resources"]["Cluster"]["Properties"]["ClusterName"] = "broken"
    image = f"slipway/intent:{image_tag('intent', ROOT)}"

    stack = local_cloud.deploy("broken", template, Image=image, Code="raise SystemExit(1)")

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "circuit breaker" in local_cloud.reasons("broken")
    clusters = local_cloud.client("ecs").list_clusters()["clusterArns"]
    assert not [arn for arn in clusters if arn.endswith("/broken")]
