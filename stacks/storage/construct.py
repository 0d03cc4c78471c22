"""Buckets of the content-addressed layout and keys; no stack ever deletes them."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

MULTIPART_DAYS = 7


def data_key(scope: Construct, id_: str, *, description: str) -> kms.Key:
    """Make a symmetric key that rotates every year and outlives its stack."""
    return kms.Key(
        scope,
        id_,
        description=description,
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
    )


def signing_key(scope: Construct, id_: str, *, description: str) -> kms.Key:
    """Make the ECDSA P-256 key that signs manifests and releases; KMS rotates no asymmetric key."""
    return kms.Key(
        scope,
        id_,
        description=description,
        key_spec=kms.KeySpec.ECC_NIST_P256,
        key_usage=kms.KeyUsage.SIGN_VERIFY,
        removal_policy=RemovalPolicy.RETAIN,
    )


def store_bucket(scope: Construct, id_: str, *, key: kms.IKey, noncurrent_days: int) -> s3.Bucket:
    """Make a versioned, encrypted bucket that answers over TLS alone and is never public."""
    return s3.Bucket(
        scope,
        id_,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,  # one KMS call per hour and object set, not one per object
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="drop-what-was-replaced-or-abandoned",
                noncurrent_version_expiration=Duration.days(noncurrent_days),
                abort_incomplete_multipart_upload_after=Duration.days(MULTIPART_DAYS),
            )
        ],
        removal_policy=RemovalPolicy.RETAIN,
    )
