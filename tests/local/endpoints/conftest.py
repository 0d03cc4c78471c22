"""One emulator for every test of the endpoints, with an endpoint of each kind."""

from collections.abc import Iterator

import pytest

from tests.local.endpoints.lab import (
    BUCKET,
    Lab,
    add_config,
    emulator,
    role,
    torchserve_archive,
    triton_archive,
)


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    with emulator(tmp_path_factory.mktemp("cloud")) as running:
        objects = running.client("s3")
        objects.create_bucket(Bucket=BUCKET)
        for name, archive in {
            "echo": triton_archive("echo"),
            "second": triton_archive("second"),
            "third": triton_archive("third"),
        }.items():
            objects.put_object(Bucket=BUCKET, Key=f"search/{name}.tar.gz", Body=archive)
        objects.put_object(Bucket=BUCKET, Key="search/broken.tar.gz", Body=b"no archive")
        for name in ("text", "image"):
            body = torchserve_archive(name)
            objects.put_object(Bucket=BUCKET, Key=f"ads/{name}.mar", Body=body)
        yield running


@pytest.fixture(scope="session")
def execution_role(lab) -> str:
    return role(lab, "Execution", reads="")


@pytest.fixture(scope="session")
def search(lab, execution_role) -> str:
    """An endpoint of one multi-model Triton."""
    config = add_config(lab, "triton", "search/", execution_role)
    lab.client("sagemaker").create_endpoint(EndpointName="search", EndpointConfigName=config)
    lab.wait("search")
    return "search"


@pytest.fixture(scope="session")
def ads(lab, execution_role) -> str:
    """An endpoint of one TorchServe with two models."""
    config = add_config(lab, "torchserve", "ads/", execution_role)
    lab.client("sagemaker").create_endpoint(EndpointName="ads", EndpointConfigName=config)
    lab.wait("ads")
    return "ads"
