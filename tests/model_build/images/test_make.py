"""Images are made once: built, pushed, scanned; what the registry has is left alone."""

# ruff: noqa: N803 - boto3 names its arguments so

import base64
import datetime

import pytest
from botocore.exceptions import ClientError

from catalog.images import Images
from model_build.images.docker import DockerFailed
from model_build.images.gate import Acceptance
from model_build.images.make import ImageRefused, Maker
from model_build.images.registry import Registry, ScanFailed

TODAY = datetime.date(2026, 11, 22)
OURS, AWS = "111111111111.dkr.ecr.us-east-1.amazonaws.com", "763104351884.dkr.ecr.us-east-1.x"
IMAGES = Images({"triton": "t" * 16, "intent": "i" * 16})


class Ecr:
    """The part of ECR that is asked, with what its scans find."""

    def __init__(self):
        self.held = {}
        self.found = {}
        self.status = "COMPLETE"
        self.waits = 0

    def describe_images(self, repositoryName, imageIds):
        tag = imageIds[0]["imageTag"]
        if (repositoryName, tag) not in self.held:
            raise ClientError({"Error": {"Code": "ImageNotFoundException"}}, "DescribeImages")
        return {"imageDetails": [{"imageDigest": self.held[repositoryName, tag]}]}

    def get_authorization_token(self, registryIds):
        return {
            "authorizationData": [
                {
                    "proxyEndpoint": f"https://{address}",
                    "authorizationToken": base64.b64encode(f"AWS:of-{number}".encode()).decode(),
                }
                for number in registryIds
                for address in (OURS, AWS)
                if address.startswith(number)
            ]
        }

    def describe_image_scan_findings(self, repositoryName, imageId):
        if self.waits:
            self.waits -= 1
            raise ClientError({"Error": {"Code": "ScanNotFoundException"}}, "Describe")
        return {
            "imageScanStatus": {"status": self.status},
            "imageScanFindings": {
                "findings": [
                    {"name": name, "severity": severity,
                     "attributes": [{"key": "package_name", "value": "zlib"}]}
                    for name, severity in self.found.get(repositoryName, ())
                ]
            },
        }  # fmt: skip

    def get_paginator(self, _operation):
        return self

    def paginate(self, **image):
        yield self.describe_image_scan_findings(**image)


class Docker:
    """A docker that pushes into the registry above."""

    def __init__(self, ecr, available=True):
        self.ecr, self.there = ecr, available
        self.built, self.logins = {}, {}

    def available(self):
        return self.there

    def login(self, address, password):
        self.logins[address] = password

    def build(self, root, dockerfile, name, arguments):
        self.built[name] = (dockerfile, arguments)

    def push(self, name):
        repository, _, tag = name.removeprefix(f"{OURS}/").rpartition(":")
        self.ecr.held[repository, tag] = f"sha256:{len(self.ecr.held)}"
        return True


@pytest.fixture
def ecr():
    return Ecr()


def maker(ecr, docker, accepted=()):
    registry = Registry(ecr, wait_s=0.2, poll_s=0.01)
    return Maker(registry, docker, OURS, AWS, accepted, TODAY, lambda line: None)


def test_what_the_registry_lacks_is_built_pushed_and_named_by_digest(ecr, tmp_path):
    ecr.held["slipway/intent", "i" * 16] = "sha256:there"
    docker = Docker(ecr)

    made = maker(ecr, docker).make(IMAGES, ["triton", "intent"], tmp_path)

    name = f"{OURS}/slipway/triton:{'t' * 16}"
    assert docker.built == {
        name: ("serving/triton/Dockerfile", {"IMAGE_TAG": "t" * 16, "REGISTRY": AWS})
    }
    assert made.digests == {"triton": "sha256:1", "intent": "sha256:there"}
    assert docker.logins == {OURS: "of-111111111111", AWS: "of-763104351884"}


def test_nothing_is_built_and_no_docker_needed_where_all_is_there(ecr, tmp_path):
    ecr.held["slipway/intent", "i" * 16] = "sha256:there"

    made = maker(ecr, Docker(ecr, available=False)).make(IMAGES, ["intent"], tmp_path)

    assert made.to_json() == {"intent": {"tag": "i" * 16, "digest": "sha256:there"}}


def test_without_docker_a_missing_image_is_an_error_that_names_it(ecr, tmp_path):
    with pytest.raises(DockerFailed, match="slipway/intent:iiiiiiiiiiiiiiii: not in the registry"):
        maker(ecr, Docker(ecr, available=False)).make(IMAGES, ["intent"], tmp_path)


def test_a_severe_vulnerability_stops_an_image_that_is_there_already_too(ecr, tmp_path):
    ecr.held["slipway/intent", "i" * 16] = "sha256:there"
    ecr.found["slipway/intent"] = [("CVE-1", "CRITICAL"), ("CVE-2", "LOW")]

    with pytest.raises(ImageRefused) as refused:
        maker(ecr, Docker(ecr)).make(IMAGES, ["intent"], tmp_path)

    assert "slipway/intent: CRITICAL CVE-1 in zlib" in str(refused.value)
    assert "CVE-2" not in str(refused.value)


@pytest.mark.parametrize(
    ("images", "until", "stops"),
    [(("intent",), TODAY, False), (("triton",), TODAY, True),
     (("intent",), TODAY - datetime.timedelta(days=1), True)],
)  # fmt: skip
def test_an_accepted_one_does_not_for_its_images_and_until_its_day(
    ecr, tmp_path, images, until, stops
):
    ecr.held["slipway/intent", "i" * 16] = "sha256:there"
    ecr.found["slipway/intent"] = [("CVE-1", "CRITICAL")]
    accepted = [Acceptance("CVE-1", images, "it does no harm", until)]

    def make():
        return maker(ecr, Docker(ecr), accepted).make(IMAGES, ["intent"], tmp_path)

    if stops:
        with pytest.raises(ImageRefused):
            make()
    else:
        assert make().digests == {"intent": "sha256:there"}


def test_a_scan_is_waited_for_and_one_that_failed_stops_the_stage(ecr, tmp_path):
    ecr.held["slipway/intent", "i" * 16] = "sha256:there"
    ecr.waits = 2
    assert maker(ecr, Docker(ecr)).make(IMAGES, ["intent"], tmp_path).digests

    ecr.status = "UNSUPPORTED_IMAGE"
    with pytest.raises(ScanFailed, match="its scan is UNSUPPORTED_IMAGE"):
        maker(ecr, Docker(ecr)).make(IMAGES, ["intent"], tmp_path)

    ecr.status, ecr.waits = "COMPLETE", 10_000
    with pytest.raises(ScanFailed, match="no scan within"):
        maker(ecr, Docker(ecr)).make(IMAGES, ["intent"], tmp_path)
