"""What each build may do: read what it looks up, write what it makes, and no more."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks import statements
from stacks.accounts import Place

BY_KEY = ("actions/*", "manifests/*", "rejections/*")
GOLDEN = "golden/*"  # digests of golden sets: written once, so that a plan need not make the sets
BOOTSTRAP_ROLES = ("deploy-role", "file-publishing-role", "lookup-role")


def plan(store: s3.IBucket, key: kms.IKey) -> list[iam.PolicyStatement]:
    """Allow looking artifact keys up and verifying what they lead to."""
    return [
        *statements.read_objects(store, *BY_KEY, GOLDEN, "content/*"),
        *statements.write_objects(store, GOLDEN),
        statements.verify_with(key),
    ]


def compile_models(store: s3.IBucket, key: kms.IKey) -> list[iam.PolicyStatement]:
    """Allow publishing artifacts, and evidence of those that were stopped."""
    return [
        *statements.read_objects(store, *BY_KEY, GOLDEN, "content/*"),
        *statements.write_objects(store, *BY_KEY, GOLDEN, "content/*"),
        statements.sign_with(key),
    ]


def release(store: s3.IBucket, key: kms.IKey, pointers: Sequence[str]) -> list[iam.PolicyStatement]:
    """Allow signing a release of what was published, knowing what is live."""
    return [
        *statements.read_objects(store, *BY_KEY, GOLDEN, "content/*", "releases/*"),
        *statements.write_objects(store, GOLDEN, "releases/*"),
        statements.sign_with(key),
        statements.allow(["ssm:GetParameter"], pointers),
    ]


def deploy(store: s3.IBucket, key: kms.IKey, places: Sequence[Place]) -> list[iam.PolicyStatement]:
    """Allow reading a release, and acting as the roles that `cdk bootstrap` made."""
    roles = [place.bootstrap_role(role) for place in places for role in BOOTSTRAP_ROLES]
    return [
        *statements.read_objects(store, "releases/*", "manifests/*"),
        statements.verify_with(key),
        statements.allow(["sts:AssumeRole"], roles),
    ]
