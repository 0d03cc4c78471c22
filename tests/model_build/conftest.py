"""A signing key, a bucket of its own for each test, and a build whose compiler writes one line."""

import itertools

import pytest

from catalog.signature import kms_sign, kms_verify
from model_build.golden_index import CODE, LOCKS
from model_build.key import EXPORTERS, PACKAGERS, SEARCHERS
from model_build.store import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def kms(cloud):
    return cloud.client("kms")


@pytest.fixture(scope="session")
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture(scope="session")
def signing_key(kms):
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["Arn"]


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The few folders of a repository that keys and golden digests read, small and still."""
    made = tmp_path_factory.mktemp("repository")
    parts = {*EXPORTERS, *PACKAGERS, *SEARCHERS, *CODE, "serving/triton", "serving/intent"}
    for part in parts:
        (made / part).mkdir(parents=True, exist_ok=True)
        (made / part / "code.py").write_text(part)
    for name in ("serving/__init__.py", "serving/built_for.py", *LOCKS):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(name)
    return made


@pytest.fixture
def bucket_name(s3):
    name = f"artifacts-{next(_numbers)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def store(s3, kms, signing_key, bucket_name):
    return Store(bucket_name, s3, kms_verify(kms, signing_key), kms_sign(kms, signing_key))
