"""An emulator with the local SageMaker in it, and archives small enough to load in a second."""

import contextlib
import functools
import io
import json
import os
import socket
import subprocess
import tarfile
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from local import ledger
from local.endpoints import where
from local.paths import CLOUD_PYTHON, ROOT

SESSION = boto3.Session()
ACCOUNT, REGION, BUCKET = "111122223333", "us-east-1", "models"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/slipway/"
BALLAST_MIB = 60
MEMORY_BYTES = 200 << 20  # two models fit, whatever their processes share with others
INVOKE_SECONDS = 20.0

CONFIG = """backend: "python"
max_batch_size: 8
input [{ name: "TEXT" data_type: TYPE_STRING dims: [1] }]
output [{ name: "ANSWER" data_type: TYPE_STRING dims: [1] }]
instance_group [{ kind: KIND_CPU count: 1 }]
"""
MODEL = """import os
import time
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def initialize(self, args):
        self.ballast = np.ones({ballast_mib} << 17)

    def execute(self, requests):
        return [pb_utils.InferenceResponse([self.answer(request)]) for request in requests]

    def answer(self, request):
        rows = pb_utils.get_input_tensor_by_name(request, "TEXT").as_numpy()
        texts = [row[0].decode() for row in rows]
        if texts == ["fail"]:
            raise ValueError("told to fail")
        while texts[0].startswith("await ") and not os.path.exists(texts[0][6:]):
            time.sleep(0.02)
        if texts == ["tag"]:
            texts = [os.environ["SLIPWAY_IMAGE_TAG"]]
        answers = [["{name}:" + text.upper()] for text in texts]
        return pb_utils.Tensor("ANSWER", np.array(answers, dtype=object))
"""
HANDLER = """import os

def handle(data, context):
    if data is None:
        return None
    texts = [bytes(row.get("data") or row.get("body")).decode() for row in data]
    return [f"{name}:{{text}}:{{os.environ['SLIPWAY_IMAGE_TAG']}}".encode() for text in texts]
"""


@functools.cache
def _client(service: str, port: int, **keys: str):
    return SESSION.client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        config=Config(retries={"max_attempts": 0}, read_timeout=70, max_pool_connections=20),
        **keys,
    )


@dataclass(frozen=True)
class Lab:
    """A running emulator and clients of it."""

    port: int
    folder: Path
    pid: int

    def client(self, service: str, **keys: str):
        keys = keys or {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "local"}
        return _client(service, self.port, **keys)

    def published(self, endpoint: str) -> dict:
        return where.published(self.folder)[endpoint]

    def metrics(self, endpoint: str, awaited: str) -> dict[str, set[str]]:
        """Return an endpoint's variants by metric, once `awaited` is among the metrics."""
        dimension = {"Name": "EndpointName", "Value": endpoint}
        deadline = time.monotonic() + 10
        while True:
            found: dict[str, set[str]] = {}
            for metric in self.client("cloudwatch").list_metrics(
                Namespace="AWS/SageMaker", Dimensions=[dimension]
            )["Metrics"]:
                dimensions = {part["Name"]: part["Value"] for part in metric["Dimensions"]}
                found.setdefault(metric["MetricName"], set()).add(dimensions["VariantName"])
            if awaited in found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def wait(self, endpoint: str, status: str = "InService", seconds: float = 30) -> dict:
        deadline = time.monotonic() + seconds
        while True:
            found = self.client("sagemaker").describe_endpoint(EndpointName=endpoint)
            if found["EndpointStatus"] == status:
                return found
            if found["EndpointStatus"] == "Failed" or time.monotonic() > deadline:
                pytest.fail(
                    f"{endpoint} is {found['EndpointStatus']}: {found.get('FailureReason')}"
                )
            time.sleep(0.1)


def triton_archive(name: str, ballast_mib: int = BALLAST_MIB) -> bytes:
    model = MODEL.format(name=name, ballast_mib=ballast_mib)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, text in ((f"{name}/config.pbtxt", CONFIG), (f"{name}/1/model.py", model)):
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def torchserve_archive(name: str) -> bytes:
    manifest = {
        "createdOn": "01/01/2020 00:00:00",
        "runtime": "python",
        "model": {"modelName": name, "handler": "handler.py:handle", "modelVersion": "1.0"},
        "archiverVersion": "0.12.0",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        archive.writestr("handler.py", HANDLER.format(name=name))
        archive.writestr("torch.py", "class Tensor: pass")  # as our own archives do
    return packed.getvalue()


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[Lab]:
    """Start the emulator on a folder, and stop it and everything it started."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling MiniStack anew takes seconds
    environment = kept | {
        "PYTHONPATH": str(ROOT),
        "SLIPWAY_STATE": str(folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MEMORY_BYTES": str(MEMORY_BYTES),
        "INVOKE_SECONDS": str(INVOKE_SECONDS),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            [CLOUD_PYTHON, Path(__file__).with_name("emulator.py")],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                url = f"http://127.0.0.1:{port}/_ministack/health"
                urllib.request.urlopen(url, timeout=2).close()
                break
            time.sleep(0.05)
        else:
            pytest.fail((folder / "emulator.log").read_text()[-2000:])
        yield Lab(port, folder, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for group in ledger.groups(folder / "processes"):
            ledger.end(group, folder / "processes")


def role(lab: Lab, name: str, *, service: str = "sagemaker.amazonaws.com", reads: str) -> str:
    """Make an execution role that may read and list a prefix; returns its ARN."""
    iam = lab.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    allow = [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/{reads}*",
        },
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"},
    ]
    version = {"Version": "2012-10-17"}
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(version | {"Statement": [trust]})
    )
    iam.put_role_policy(
        RoleName=name, PolicyName="read", PolicyDocument=json.dumps(version | {"Statement": allow})
    )
    return made["Role"]["Arn"]


def add_config(lab: Lab, kind: str, prefix: str, execution_role: str, **more) -> str:
    """Make a model of a server's kind and a configuration of it; returns the name of both."""
    name = f"{kind}-{uuid.uuid4().hex[:8]}"
    container: dict = {"Image": IMAGE + f"{kind}:0123456789abcdef"}
    if kind == "triton":
        container |= {
            "Mode": "MultiModel",
            "ModelDataUrl": f"s3://{BUCKET}/{prefix}",
            # a Python model that is not asked for its configuration starts once, not twice
            "Environment": {"SAGEMAKER_TRITON_ADDITIONAL_ARGS": "--disable-auto-complete-config"},
        }
    else:
        source = {
            "S3Uri": f"s3://{BUCKET}/{prefix}",
            "S3DataType": "S3Prefix",
            "CompressionType": "None",
        }
        container |= {"ModelDataSource": {"S3DataSource": source}}
    sagemaker = lab.client("sagemaker")
    sagemaker.create_model(
        ModelName=name, PrimaryContainer=container | more, ExecutionRoleArn=execution_role
    )
    variant = {
        "VariantName": "main",
        "ModelName": name,
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    return name
