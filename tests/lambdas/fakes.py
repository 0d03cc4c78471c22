"""Stand-ins for what the tests' emulator lacks: CodePipeline's answers, and servers."""

# ruff: noqa: N803 (the names are boto3's)

import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.exceptions import ClientError

from catalog import bucket

ANSWERS = {
    "speller": {"outputs": [{"name": "CORRECTED", "data": ["hello"]}]},
    "duplicates": {"outputs": [{"name": "PROBABILITIES", "data": [0.1001, 0.8999]}]},
    "moderation": {"label": "clean", "probabilities": {"profanity": 0.2, "clean": 0.8}},
}


def call(release):
    """Return what invokes a step by hand."""
    return {"release": release, "environment": "dev", "execution": "e-1"}


class FakePipeline:
    """Remembers how jobs ended."""

    def __init__(self):
        self.succeeded = {}
        self.failed = {}
        self.status = "Succeeded"

    def get_pipeline_state(self, name):
        latest = {"pipelineExecutionId": "e-1", "status": self.status}
        return {"stageStates": [{"stageName": "Deploy-dev", "latestExecution": latest}]}

    def put_job_success_result(self, jobId, executionDetails):
        self.succeeded[jobId] = executionDetails["summary"]

    def put_job_failure_result(self, jobId, failureDetails):
        self.failed[jobId] = failureDetails["message"]


class FakePlatform:
    """SageMaker and ECS after a deploy: endpoints that load a release's folder and answer.

    Attributes:
        answers: What a model answers, by model name or archive name.
        loading: How often an endpoint says first that a model is not ready.
    """

    def __init__(self):
        self.endpoints = {}
        self.services = {}
        self.answers = {}
        self.loading = 0
        self.packages = {}
        self.url = ""

    def clients(self):
        return dict.fromkeys(["sagemaker", "sagemaker-runtime", "ecs", "elbv2"], self)

    def deploy(self, environment_bucket, release, manifests):
        """Do what `cdk deploy` does for a release."""
        for made in manifests:
            name = made.serve["name"]
            if made.serve["kind"] == "service":
                self.services[name] = {"archive": made.archive.sha256, "image": made.runtime_image}
                continue
            self.endpoints[name] = {
                "status": "InService",
                "config": f"config-{name}-{release[:8]}",
                "image": f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{made.runtime_image}",
                "location": f"s3://{environment_bucket}/{bucket.live_prefix(name, release, 'cpu')}",
            }

    def describe_endpoint(self, EndpointName):
        found = self.endpoints.get(EndpointName.removeprefix("slipway-dev-"))
        if found is None:
            error = {"Code": "ValidationException", "Message": "Could not find endpoint"}
            raise ClientError({"Error": error}, "DescribeEndpoint")
        return {"EndpointStatus": found["status"], "EndpointConfigName": found["config"]}

    def describe_endpoint_config(self, EndpointConfigName):
        return {"ProductionVariants": [{"VariantName": "main", "ModelName": EndpointConfigName}]}

    def describe_model(self, ModelName):
        (name, found), *_ = [i for i in self.endpoints.items() if i[1]["config"] == ModelName]
        if name == "ads":
            source = {"S3DataSource": {"S3Uri": found["location"]}}
            return {"PrimaryContainer": {"Image": found["image"], "ModelDataSource": source}}
        return {"PrimaryContainer": {"Image": found["image"], "ModelDataUrl": found["location"]}}

    def invoke_endpoint(self, EndpointName, Body, ContentType, TargetModel=""):
        if self.loading > 0:
            self.loading -= 1
            error = {"Error": {"Code": "ModelNotReadyException", "Message": "loading"}}
            raise ClientError(error, "InvokeEndpoint")
        model = TargetModel.removesuffix(".tar.gz") or "moderation"
        return {"Body": io.BytesIO(json.dumps(self.answers[model]).encode())}

    def describe_services(self, cluster, services):
        found = self.services.get(services[0].removeprefix("slipway-dev-"))
        if found is None:
            return {"services": [], "failures": [{"reason": "MISSING"}]}
        return {
            "services": [
                {
                    "deployments": [{"rolloutState": found.get("rollout", "COMPLETED")}],
                    "runningCount": 1,
                    "desiredCount": 1,
                    "taskDefinition": f"task:{found['archive'][:8]}",
                    "loadBalancers": [{"targetGroupArn": "group"}],
                }
            ]
        }

    def describe_task_definition(self, taskDefinition):
        found = self.services["intent"]
        variables = [{"name": "SLIPWAY_ARTIFACT_SHA256", "value": found["archive"]}]
        container = {"image": found["image"], "environment": variables}
        return {"taskDefinition": {"containerDefinitions": [container]}}

    def describe_target_groups(self, TargetGroupArns):
        return {"TargetGroups": [{"LoadBalancerArns": ["balancer"]}]}

    def describe_load_balancers(self, LoadBalancerArns):
        return {"LoadBalancers": [{"DNSName": self.url.removeprefix("http://")}]}

    def get_paginator(self, operation):
        assert operation in {"list_model_packages", "list_model_package_groups"}
        return self

    def paginate(self, ModelPackageGroupName=None, NameContains=""):
        groups = [{"ModelPackageGroupName": name} for name in self.packages if NameContains in name]
        versions = self.packages.get(ModelPackageGroupName, [])
        yield {"ModelPackageSummaryList": versions, "ModelPackageGroupSummaryList": groups}

    def create_model_package_group(self, ModelPackageGroupName, ModelPackageGroupDescription):
        assert ModelPackageGroupName not in self.packages, "SageMaker refuses a second one"
        assert ModelPackageGroupDescription
        self.packages[ModelPackageGroupName] = []

    def create_model_package(self, ModelPackageGroupName, **words):
        group = self.packages[ModelPackageGroupName]
        made = {"ModelPackageArn": f"{ModelPackageGroupName}/{len(group) + 1}", **words}
        group.append(made)
        return made


@contextmanager
def answering(document):
    """A real HTTP server on loopback that answers every POST with a document."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(document if "text" in asked else {"error": "no text"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
