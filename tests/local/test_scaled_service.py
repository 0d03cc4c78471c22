"""The tasks of a service follow its requests: out under load, in when it is over."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from catalog.images import image_tag
from local import server
from local.paths import ROOT, Workplace
from tests.local.cloud import Cloud, read_template, wait_for

PACE = 0.05  # a minute lasts three seconds
BUSY = 600.0  # requests a minute at which a task is busy; four clients ask for more
SERVER = """
import http.server, os, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0 if self.path == "/healthz" else 0.05)
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer((os.environ["LISTEN"], 8080), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def quick_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIPWAY_PACE", str(PACE))
        place = Workplace(tmp_path_factory.mktemp("cloud"))
        server.start(place)
        yield Cloud(place)
        server.stop(place)


def _template() -> dict:
    template = read_template("service_stack.yaml")
    resources = template["Resources"]
    label = {"Fn::Sub": "${Balancer.LoadBalancerFullName}/${Targets.TargetGroupFullName}"}
    resources["Target"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "DependsOn": "Service",
        "Properties": {
            "ServiceNamespace": "ecs",
            "ResourceId": "service/service/service",
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 1,
            "MaxCapacity": 3,
        },
    }
    resources["Load"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "load",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": BUSY,
                "ScaleInCooldown": 60,
                "ScaleOutCooldown": 60,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": label,
                },
            },
        },
    }
    return template


def test_tasks_come_under_load_and_go_when_it_is_over(quick_cloud: Cloud):
    image = f"slipway/intent:{image_tag('intent', ROOT)}"
    stack = quick_cloud.deploy("service", _template(), Image=image, Code=SERVER)
    assert stack["StackStatus"] == "CREATE_COMPLETE", quick_cloud.reasons("service")
    url, done = stack["Outputs"][0]["OutputValue"], threading.Event()
    failures: list[str] = []

    def ask() -> None:
        while not done.is_set():
            try:
                urllib.request.urlopen(url, timeout=10).close()
            except urllib.error.URLError as error:
                failures.append(str(error))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    wait_for(lambda: _running(quick_cloud) == 3, 60)
    done.set()
    for client in clients:
        client.join()
    wait_for(lambda: _running(quick_cloud) == 1, 60)

    assert not failures
    asked = {"ServiceNamespace": "ecs"}
    activities = quick_cloud.client("application-autoscaling").describe_scaling_activities(**asked)
    assert len(activities["ScalingActivities"]) >= 2


def _running(cloud: Cloud) -> int:
    found = cloud.client("ecs").describe_services(cluster="service", services=["service"])
    return int(found["services"][0]["runningCount"])
