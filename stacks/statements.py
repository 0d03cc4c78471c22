"""The IAM statements that more than one unit needs: the least that each use takes."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks.acknowledge import acknowledge, acknowledge_wildcards

INLINE = (
    "The policy belongs to this one role and goes with it: shared policies outgrow their users."
)
BELOW = "Objects are named by digests, which no template knows; their prefix is the bound."


class Statement(iam.PolicyStatement):
    """A statement that says why its wildcards are as narrow as can be.

    Attributes:
        wildcards: The resources that have one.
        because: Why; empty where no resource has one, or where none is meant to.
    """

    wildcards: tuple[str, ...] = ()
    because: str = ""


def read_objects(bucket: s3.IBucket, *prefixes: str) -> list[iam.PolicyStatement]:
    """Allow reading objects under prefixes such as `live/search/*`, and what lies encrypted there.

    Listing the bucket is allowed too: else S3 answers 403 where an object is missing. No prefix
    bounds it, since the read of one object carries none.
    """
    statements = [
        allow(
            ["s3:GetObject"],
            [bucket.arn_for_objects(prefix) for prefix in prefixes],
            because=BELOW,
        ),
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
        allow(actions, resources, because=BELOW),
        *_use_key(bucket, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]


def put_metrics(namespace: str) -> iam.PolicyStatement:
    """Allow putting metrics into one namespace."""
    return allow(
        ["cloudwatch:PutMetricData"],
        ["*"],
        {"StringEquals": {"cloudwatch:namespace": namespace}},
        because="Metrics have no ARN; a condition bounds the namespace.",
    )


def sign_with(key: kms.IKey) -> iam.PolicyStatement:
    """Allow signing with an asymmetric key and verifying what it signed."""
    return allow(["kms:Sign", "kms:Verify", "kms:GetPublicKey"], [key.key_arn])


def verify_with(key: kms.IKey) -> iam.PolicyStatement:
    """Allow verifying what an asymmetric key signed; never signing."""
    return allow(["kms:Verify", "kms:GetPublicKey"], [key.key_arn])


def allow(
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: dict[str, object] | None = None,
    *,
    because: str = "",
) -> Statement:
    """Return a statement that allows actions on resources, under IAM's conditions where given.

    Args:
        actions: Each by its name.
        resources: ARNs.
        conditions: IAM's conditions.
        because: Why resources with a wildcard are as narrow as can be; without it, they are a
            finding of the synth check.
    """
    made = Statement(actions=list(actions), resources=list(resources), conditions=conditions)
    made.wildcards = tuple(item for item in resources if "*" in item)
    made.because = because
    return made


def grant(role: iam.IGrantable, *statements: iam.PolicyStatement) -> None:
    """Give a role statements, and acknowledge the wildcards that they give a reason for."""
    principal = role.grant_principal
    for statement in statements:
        principal.add_to_principal_policy(statement)
    if not isinstance(principal, iam.Role):
        return
    policy = principal.node.try_find_child("DefaultPolicy")
    if policy is None:
        return
    acknowledge(policy, INLINE, "NIST.800.53.R5-IAMNoInlinePolicy")
    for statement in statements:
        if isinstance(statement, Statement) and statement.because and statement.wildcards:
            acknowledge_wildcards(policy, statement.because, *statement.wildcards)


def _use_key(bucket: s3.IBucket, actions: list[str]) -> list[iam.PolicyStatement]:
    key = bucket.encryption_key
    return [allow(actions, [key.key_arn])] if key else []
