"""What each build may do: read what it looks up, write what it makes, and no more."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks import names, statements
from stacks.accounts import Place

BY_KEY = ("actions/*", "manifests/*", "rejections/*")
GOLDEN = "golden/*"  # digests of golden sets: written once, so that a plan need not make the sets
EVIDENCE = "evidence/*"  # what chips have shown of artifacts that were compiled without one
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
    return [
        *statements.read_objects(store, "releases/*", "manifests/*", EVIDENCE),
        statements.verify_with(key),
        act_as_bootstrap(places),
    ]


def act_as_bootstrap(places: Sequence[Place]) -> iam.PolicyStatement:
    """Allow acting as the roles that `cdk bootstrap` made: all that the CLI itself needs."""
    roles = [place.bootstrap_role(role) for place in places for role in BOOTSTRAP_ROLES]
    return statements.allow(["sts:AssumeRole"], roles)


def load_test(
    store: s3.IBucket, key: kms.IKey, places: Mapping[str, Place]
) -> list[iam.PolicyStatement]:
    """Allow asking the endpoints of environments, in other accounts through their own role."""
    endpoints = [
        place.arn("sagemaker", f"endpoint/{names.endpoint(name, '*')}")
        for name, place in places.items()
    ]
    observers = [
        f"arn:aws:iam::{place.account}:role/{names.observer(name)}"
        for name, place in places.items()
    ]
    return [
        *statements.read_objects(store, "releases/*", "manifests/*"),
        statements.verify_with(key),
        statements.allow(
            ["sagemaker:InvokeEndpoint"],
            endpoints,
            because="The environment's own, all of them: which there are, its data says.",
        ),
        statements.allow(["sts:AssumeRole"], observers),
    ]


def prove(
    store: s3.IBucket, key: kms.IKey, places: Mapping[str, Place]
) -> list[iam.PolicyStatement]:
    """Allow asking endpoints with chips, and signing what they have shown."""
    return [
        *load_test(store, key, places),
        *statements.read_objects(store, "content/*", EVIDENCE),
        *statements.write_objects(store, EVIDENCE, "rejections/*"),
        statements.sign_with(key),
        statements.allow(
            ["sagemaker:DescribeEndpoint"],
            [
                place.arn("sagemaker", f"endpoint/{names.endpoint(name, '*')}")
                for name, place in places.items()
            ],
            because="The environment's own, all of them: which there are, its data says.",
        ),
        statements.allow(
            ["sagemaker:DescribeEndpointConfig"],
            [place.arn("sagemaker", "endpoint-config/*") for place in places.values()],
            because="CloudFormation names them anew for every release; reading them is all.",
        ),
    ]


def images(
    repositories: Sequence[ecr.IRepository], bases: Sequence[str]
) -> list[iam.PolicyStatement]:
    """Allow building on base images, pushing to our repositories and reading what scans found.

    Args:
        repositories: Those that images are pushed to.
        bases: The ARNs of base images' repositories in AWS' own registry.
    """
    own = [item.repository_arn for item in repositories]
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    push = [
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ]
    look = ["ecr:DescribeImages", "ecr:DescribeImageScanFindings"]
    return [
        statements.allow([*pull, *push, *look], own),
        statements.allow(pull, bases),
        statements.allow(
            ["ecr:GetAuthorizationToken"], ["*"], because="IAM offers no resource for signing in."
        ),
    ]
