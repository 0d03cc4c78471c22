"""A signing key, a bucket of its own for each test, and a build whose compiler writes one line."""

import itertools

import pytest

from catalog.signature import kms_sign, kms_verify
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


@pytest.fixture
def bucket_name(s3):
    name = f"artifacts-{next(_numbers)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def store(s3, kms, signing_key, bucket_name):
    return Store(bucket_name, s3, kms_verify(kms, signing_key), kms_sign(kms, signing_key))
