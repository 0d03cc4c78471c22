"""The archives that `model_build` packages, loaded by Triton's SageMaker front end."""

import numpy as np
import pytest

from catalog.images import image_tag
from catalog.load import load_models
from local.paths import ROOT
from model_build.package import package
from serving.runtime import load
from tests.local.endpoints.lab import BUCKET, IMAGE, Lab, add_config
from tests.local.endpoints.test_triton import answered, refusal
from tests.serving import tiny


@pytest.fixture(scope="module")
def compiled(lab: Lab, tmp_path_factory):
    """A small model, whose archive lies where the endpoints look."""
    folder = tmp_path_factory.mktemp("ours")
    directory = tiny.encoder(folder / "embedding", "embedding", "embedding")
    spec = load_models()["embedding"]
    archive = package(spec, spec.target("cpu"), directory, folder)
    objects = lab.client("s3")
    objects.put_object(Bucket=BUCKET, Key=f"ours/{archive.name}", Body=archive.read_bytes())
    return directory


def endpoint(lab: Lab, execution_role: str, name: str, tag: str) -> str:
    image = f"{IMAGE}triton:{tag}"
    config = add_config(lab, "triton", "ours/", execution_role, Image=image)
    lab.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=config)
    lab.wait(name)
    return name


def test_it_answers_as_the_runtime_does_in_process(lab, execution_role, compiled):
    name = endpoint(lab, execution_role, "ours", image_tag("triton", ROOT))

    vector = answered(lab, name, "embedding.tar.gz", "blue suede shoes")

    expected = load(compiled).predict(["blue suede shoes"])
    np.testing.assert_allclose([vector], expected, atol=1e-6)


def test_an_endpoint_of_another_image_refuses_it_with_both_tags(lab, execution_role, compiled):
    name = endpoint(lab, execution_role, "theirs", "0123456789abcdef")

    message = refusal(lab, name, "embedding.tar.gz")["Error"]["Message"]

    assert image_tag("triton", ROOT) in message
    assert "0123456789abcdef" in message
