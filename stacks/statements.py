"""The IAM statements that more than one unit needs: the least that each use takes."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3


def read_objects(bucket: s3.IBucket, *prefixes: str) -> list[iam.PolicyStatement]:
    """Allow reading objects under prefixes such as `live/search/*`, and what lies encrypted there.

    Listing the bucket is allowed too: else S3 answers 403 where an object is missing. No prefix
    bounds it, since the read of one object carries none.
    """
    statements = [
        allow(["s3:GetObject"], [bucket.arn_for_objects(prefix) for prefix in prefixes]),
        allow(["s3:ListBucket"], [bucket.bucket_arn]),
    ]
    return statements + _use_key(bucket, ["kms:Decrypt"])


def write_objects(bucket: s3.IBucket, *prefixes: str) -> list[iam.PolicyStatement]:
    """Allow writing objects under prefixes; never deleting them.

    A multipart upload also decrypts: S3 re-reads the parts' data keys when it joins them.
    """
    actions = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = [bucket.arn_for_objects(prefix) for prefix in prefixes]
    return [
        allow(actions, resources),
        *_use_key(bucket, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]


def sign_with(key: kms.IKey) -> iam.PolicyStatement:
    """Allow signing with an asymmetric key and verifying what it signed."""
    return allow(["kms:Sign", "kms:Verify", "kms:GetPublicKey"], [key.key_arn])


def verify_with(key: kms.IKey) -> iam.PolicyStatement:
    """Allow verifying what an asymmetric key signed; never signing."""
    return allow(["kms:Verify", "kms:GetPublicKey"], [key.key_arn])


def allow(
    actions: Sequence[str], resources: Sequence[str], conditions: dict[str, object] | None = None
) -> iam.PolicyStatement:
    """Return a statement that allows actions on resources, under IAM's conditions where given."""
    return iam.PolicyStatement(
        actions=list(actions), resources=list(resources), conditions=conditions
    )


def grant(role: iam.IGrantable, *statements: iam.PolicyStatement) -> None:
    """Give a role statements."""
    for statement in statements:
        role.grant_principal.add_to_principal_policy(statement)


def _use_key(bucket: s3.IBucket, actions: list[str]) -> list[iam.PolicyStatement]:
    key = bucket.encryption_key
    return [allow(actions, [key.key_arn])] if key else []
