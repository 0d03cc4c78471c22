"""A promoted environment around the functions: real S3, KMS and SSM; stand-ins for what serves."""

import itertools
import json
from dataclasses import replace

import pytest

from catalog import digest
from catalog.artifact import FileEntry
from catalog.bucket import Bucket
from catalog.release import Release
from catalog.signature import kms_sign, kms_verify
from lambdas.common import clients
from lambdas.promote_release.handler import handle as promote
from lambdas.verify_release import aws as verify_aws
from model_build.key import Proof
from model_build.store import Store
from tests.lambdas.fakes import ANSWERS, FakePipeline, FakePlatform, answering, call
from tests.model_build.fakes import Example, manifest

_numbers = itertools.count()

MODELS = {
    "speller": {},
    "duplicates": {
        "task": "pair-classification",
        "examples": (Example(["a", "b"], [0.1, 0.9]),),
        "key_inputs": {"labels": ["different", "duplicate"]},
    },
    "moderation": {
        "task": "classification",
        "runtime_image": "slipway/torchserve:aaaabbbbccccdddd",
        "serve": {"kind": "endpoint", "name": "ads"},
        "examples": (Example("buy", [0.8, 0.2]),),
        "key_inputs": {"labels": ["clean", "profanity"]},
    },
    "intent": {
        "task": "classification",
        "runtime_image": "slipway/intent:aaaabbbbccccdddd",
        "serve": {"kind": "service", "name": "intent"},
        "examples": (Example("rain", [0.3, 0.7]),),
        "key_inputs": {"labels": ["music", "weather"]},
    },
}
SUFFIX = {"ads": ".mar"}


@pytest.fixture(scope="session")
def signing_key(cloud):
    made = cloud.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["Arn"]


@pytest.fixture
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture
def buckets(s3):
    number = next(_numbers)
    names = f"tooling-{number}", f"environment-{number}"
    for name in names:
        s3.create_bucket(Bucket=name)
    return names


@pytest.fixture
def store(cloud, s3, buckets, signing_key):
    kms = cloud.client("kms")
    return Store(buckets[0], s3, kms_verify(kms, signing_key), kms_sign(kms, signing_key))


@pytest.fixture
def manifests(tmp_path):
    """Makes a manifest and its archive for a model, with changes."""

    def make(name, content=None, **changes):
        details = {**MODELS[name], **changes}
        server = details.get("serve", {}).get("name", "search")
        path = tmp_path / f"{name}{SUFFIX.get(server, '.tar.gz')}"
        path.write_bytes((content or f"engine of {name}").encode())
        entry = FileEntry(path.name, digest.of_file(path), path.stat().st_size)
        key = digest.of_document([name, content])
        return manifest(entry, key, model=name, **details), path

    return make


@pytest.fixture
def released(store, manifests):
    """Publishes models and their release; returns the release's digest."""

    def publish(*models, commit="commit", **changes):
        artifacts = {}
        for name in models or MODELS:
            made, path = manifests(name, **changes.get(name, {}))
            baseline = path.with_name(f"{name}.json")
            baseline.write_text(f"baseline of {name}")
            size = baseline.stat().st_size
            entry = FileEntry("baseline/statistics.json", digest.of_file(baseline), size)
            made = replace(made, baseline=(entry,))
            proof = Proof(digest.of_document(name), "sha256:aa", {})
            artifact = store.publish(made, path, proof, beside=[baseline])
            artifacts[name] = {made.accelerator: artifact}
        return store.put_release(Release(artifacts, commit))

    return publish


@pytest.fixture
def platform():
    return FakePlatform()


@pytest.fixture
def pipeline():
    return FakePipeline()


@pytest.fixture
def functions(cloud, buckets, signing_key, platform, pipeline, monkeypatch):
    """The environment variables and clients that the stacks give all four functions."""
    number = next(_numbers)
    variables = {
        "SLIPWAY_ENVIRONMENT": "dev",
        "SLIPWAY_ARTIFACT_BUCKET": buckets[0],
        "SLIPWAY_ENVIRONMENT_BUCKET": buckets[1],
        "SLIPWAY_SIGNING_KEY": signing_key,
        "SLIPWAY_RELEASE_PARAMETER": f"/slipway/{number}/release",
        "SLIPWAY_PREVIOUS_PARAMETER": f"/slipway/{number}/previous",
        "SLIPWAY_PIPELINE": "slipway-models",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ssm = cloud.client("ssm")
    for which in ("RELEASE", "PREVIOUS"):
        parameter = variables[f"SLIPWAY_{which}_PARAMETER"]
        ssm.put_parameter(Name=parameter, Value="none", Type="String")
    stand_ins = {"codepipeline": pipeline, **platform.clients()}

    def client(service):
        return stand_ins.get(service) or cloud.client(service)

    monkeypatch.setattr(clients, "client", client)
    return variables


@pytest.fixture
def order():
    """Makes the event that CodePipeline sends for an action."""

    def event(release, environment="dev"):
        parameters = {"environment": environment, "release": release, "execution": "execution-1"}
        configuration = {"FunctionName": "f", "UserParameters": json.dumps(parameters)}
        data = {"actionConfiguration": {"configuration": configuration}}
        return {"CodePipeline.job": {"id": "job-1", "data": data}}

    return event


@pytest.fixture
def place(s3, buckets, functions, platform, monkeypatch):
    platform.answers = dict(ANSWERS)
    monkeypatch.setattr(verify_aws, "PAUSE_SECONDS", 0.01)
    with answering({"label": "weather", "probabilities": {"weather": 0.7, "music": 0.3}}) as url:
        platform.url = url
        yield Bucket(buckets[1], s3)


@pytest.fixture
def deploy(released, store, platform, place):
    """Promotes and deploys a release of all models; returns its digest."""

    def run(release=None, **changes):
        release = release or released(**changes)
        promote(call(release), None)
        artifacts = store.release(release).artifacts
        platform.deploy(place.name, release, [store.manifest(item) for item in artifacts])
        return release

    return run
