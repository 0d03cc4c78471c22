"""A multi-model endpoint on the real Triton, asked as any client of SageMaker asks it."""

import json

import numpy as np
import pytest
import tritonclient.http as triton
from botocore.exceptions import ClientError

from tests.local.endpoints.lab import add_config, role

OCTETS = "application/octet-stream"


def question(text: str) -> bytes:
    tensor = {"name": "TEXT", "shape": [1, 1], "datatype": "BYTES", "data": [text]}
    return json.dumps({"inputs": [tensor]}).encode()


def answered(lab, endpoint: str, model: str, text: str) -> list:
    """The values of the one tensor that a model makes of a text."""
    answer = lab.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, TargetModel=model, ContentType=OCTETS, Body=question(text)
    )
    assert answer["InvokedProductionVariant"] == "main"
    (tensor,) = json.loads(answer["Body"].read())["outputs"]
    return tensor["data"]


def ask(lab, endpoint: str, model: str, text: str) -> str:
    return answered(lab, endpoint, model, text)[0]


def refusal(lab, endpoint: str, model: str, text: str = "abc") -> dict:
    with pytest.raises(ClientError) as caught:
        ask(lab, endpoint, model, text)
    return caught.value.response


def test_a_model_is_loaded_by_its_first_call(lab, search):
    assert ask(lab, search, "echo.tar.gz", "abc") == "echo:ABC"
    assert "echo.tar.gz" in lab.published(search)["variants"]["main"]["models"]


def test_the_model_finds_the_tag_of_its_image(lab, search):
    assert ask(lab, search, "echo.tar.gz", "tag") == "echo:0123456789ABCDEF"


def test_a_kserve_client_reaches_the_same_server(lab, search):
    ask(lab, search, "echo.tar.gz", "abc")
    address = lab.published(search)["variants"]["main"]["kserve"]
    text = triton.InferInput("TEXT", [1, 1], "BYTES")
    text.set_data_from_numpy(np.array([["kserve"]], dtype=object))

    with triton.InferenceServerClient(address) as client:
        answer = client.infer("echo.tar.gz", [text]).as_numpy("ANSWER")

    assert answer.tolist() == [[b"echo:KSERVE"]]


def test_an_unknown_model_is_refused_in_sagemakers_words(lab, search):
    refused = refusal(lab, search, "nobody.tar.gz")

    assert refused["Error"]["Code"] == "ValidationError"
    assert refused["Error"]["Message"].startswith(
        "Failed to download model data(bucket: models, key: search/nobody.tar.gz)."
    )


def test_an_archive_that_is_none_is_named(lab, search):
    assert "search/broken.tar.gz" in refusal(lab, search, "broken.tar.gz")["Error"]["Message"]


def test_a_failing_model_is_told_apart_from_a_failing_endpoint(lab, search):
    refused = refusal(lab, search, "echo.tar.gz", "fail")

    assert refused["Error"]["Code"] == "ModelError"
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert refused["OriginalStatusCode"] == 400
    assert "told to fail" in refused["OriginalMessage"]


def test_memory_evicts_the_least_recently_used_model(lab, search):
    for model in ("echo", "second", "echo"):
        ask(lab, search, f"{model}.tar.gz", "abc")
    ask(lab, search, "third.tar.gz", "abc")  # fits only once `second` is gone

    held = lab.published(search)["variants"]["main"]["models"]

    assert held == ["echo.tar.gz", "third.tar.gz"]


def test_the_models_role_decides_what_can_be_loaded(lab):
    limited = role(lab, "Limited", reads="search/echo")
    config = add_config(lab, "triton", "search/", limited)
    lab.client("sagemaker").create_endpoint(EndpointName="limited", EndpointConfigName=config)
    lab.wait("limited")

    assert ask(lab, "limited", "echo.tar.gz", "abc") == "echo:ABC"
    assert refusal(lab, "limited", "second.tar.gz")["Error"]["Code"] == "ValidationError"


def test_invocations_are_counted_in_cloudwatch(lab, search):
    ask(lab, search, "echo.tar.gz", "abc")

    metrics = lab.metrics(search, "ModelCacheHit")

    assert {"Invocations", "ModelLatency", "ModelCacheHit", "ModelLoadingTime"} <= set(metrics)
