"""A multi-model endpoint, asked as any client of SageMaker asks it."""

import json

import pytest
from botocore.exceptions import ClientError

OCTETS = "application/octet-stream"


def question(text: str) -> bytes:
    tensor = {"name": "TEXT", "shape": [1, 1], "datatype": "BYTES", "data": [text]}
    return json.dumps({"inputs": [tensor]}).encode()


def ask(lab, endpoint: str, model: str, text: str) -> str:
    answer = lab.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, TargetModel=model, ContentType=OCTETS, Body=question(text)
    )
    assert answer["InvokedProductionVariant"] == "main"
    return json.loads(answer["Body"].read())["outputs"][0]["data"][0]


def test_a_model_is_loaded_by_its_first_call(lab, search):
    assert ask(lab, search, "echo.tar.gz", "abc") == "echo:ABC"
    assert "echo.tar.gz" in lab.published(search)["variants"]["main"]["models"]
