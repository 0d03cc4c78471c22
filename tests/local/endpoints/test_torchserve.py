"""One TorchServe container with two models, behind the plain invocation of SageMaker."""

import pytest
from botocore.exceptions import ClientError

from tests.local.endpoints.lab import add_config


def form(**fields: str) -> tuple[str, bytes]:
    """Return content type and body of a form, which is how a request names its model."""
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return "multipart/form-data; boundary=cut", f"{parts}--cut--\r\n".encode()


def ask(lab, endpoint: str, model: str, text: str) -> bytes:
    content_type, body = form(model_name=model, data=text)
    return (
        lab.client("sagemaker-runtime")
        .invoke_endpoint(EndpointName=endpoint, ContentType=content_type, Body=body)["Body"]
        .read()
    )


@pytest.mark.parametrize("model", ["text", "image"])
def test_one_container_serves_every_model_of_its_prefix(lab, ads, model):
    assert ask(lab, ads, model, "abc") == f"{model}:abc:0123456789abcdef".encode()


def test_an_unknown_model_is_the_callers_fault(lab, ads):
    with pytest.raises(ClientError) as caught:
        ask(lab, ads, "nobody", "abc")

    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == 404


def test_an_endpoint_without_models_fails_and_says_why(lab, execution_role):
    config = add_config(lab, "torchserve", "nothing/", execution_role)
    lab.client("sagemaker").create_endpoint(EndpointName="empty", EndpointConfigName=config)

    found = lab.wait("empty", "Failed")

    assert "s3://models/nothing/" in found["FailureReason"]
