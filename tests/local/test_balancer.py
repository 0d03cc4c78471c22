"""Load balancers spread requests, tell of them, and lose none while tasks are replaced."""

import datetime
import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from catalog.images import image_tag
from local.paths import ROOT
from tests.local.cloud import Cloud, read_template, wait_for

NAME = "rolling"
# answers after a while, over connections that are kept; a SIGTERM ends it at once
SERVER = """
import http.server, os, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0.0 if self.path == "/healthz" else 0.05)
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", "3"); self.end_headers(); self.wfile.write(b"WORD")
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer((os.environ["LISTEN"], 8080), Handler).serve_forever()
"""


def _template(count: int) -> dict:
    template = read_template("service_stack.yaml")
    resources = template["Resources"]
    resources["Service"]["Properties"] |= {"ServiceName": NAME, "DesiredCount": str(count)}
    resources["Cluster"]["Properties"]["ClusterName"] = NAME
    resources["Task"]["Properties"]["Family"] = NAME
    resources["Balancer"]["Properties"]["Name"] = NAME
    resources["Targets"]["Properties"] |= {
        "Name": NAME,
        "TargetGroupAttributes": [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "10"},
        ],
    }
    return template


def _deploy(cloud: Cloud, word: str, count: int = 2) -> str:
    image = f"slipway/intent:{image_tag('intent', ROOT)}"
    stack = cloud.deploy(NAME, _template(count), Image=image, Code=SERVER.replace("WORD", word))
    assert stack["StackStatus"].endswith("_COMPLETE"), cloud.reasons(NAME)
    assert "ROLLBACK" not in stack["StackStatus"], cloud.reasons(NAME)
    return str(stack["Outputs"][0]["OutputValue"])


@dataclass
class Clients:
    """Clients that ask again and again, each over one connection that it keeps."""

    url: str
    answers: Counter[str] = field(default_factory=Counter)
    _done: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Clients":
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(20)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=15)
        while not self._done.is_set():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                self.answers[f"{answer.status} {answer.read().decode()}"] += 1
            except OSError as error:
                self.answers[f"failed: {error}"] += 1
                connection.close()
        connection.close()


@pytest.fixture(scope="module")
def url(local_cloud: Cloud) -> str:
    yield _deploy(local_cloud, "one")
    local_cloud.delete(NAME)


def test_no_request_is_lost_while_a_deployment_replaces_the_tasks(local_cloud: Cloud, url: str):
    with Clients(url) as clients:
        wait_for(lambda: clients.answers["200 one"] > 20)
        _deploy(local_cloud, "two")
        seen = clients.answers["200 two"]
        wait_for(lambda: clients.answers["200 two"] > seen + 20)

    assert set(clients.answers) == {"200 one", "200 two"}


def test_cloudwatch_hears_of_requests_times_failures_and_targets(local_cloud: Cloud, url: str):
    started = time.time()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=15)
    for path in ("/", "/", "/", "/broken"):
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()

    wait_for(lambda: _sum(local_cloud, "HTTPCode_Target_5XX_Count", "Sum", started))
    assert _sum(local_cloud, "RequestCount", "Sum", started) >= 4
    assert _sum(local_cloud, "RequestCountPerTarget", "Sum", started) >= 2
    assert 0.04 < _sum(local_cloud, "TargetResponseTime", "Average", started) < 5
    assert _sum(local_cloud, "HealthyHostCount", "Minimum", started) == 2


def _group(cloud: Cloud) -> str:
    found = cloud.client("elbv2").describe_target_groups(Names=[NAME])
    return str(found["TargetGroups"][0]["TargetGroupArn"])


def _sum(cloud: Cloud, metric: str, statistic: str, since: float) -> float:
    """Return one statistic of a metric of the target group behind its load balancer."""
    balancers = cloud.client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"]
    dimensions = {
        "LoadBalancer": balancers[0]["LoadBalancerArn"].partition(":loadbalancer/")[2],
        "TargetGroup": _group(cloud).rpartition(":")[2],
    }
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApplicationELB",
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.datetime.fromtimestamp(since, datetime.UTC),
        EndTime=datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )
    return max((point[statistic] for point in found["Datapoints"]), default=0.0)
