"""Buckets of the content-addressed layout and keys; no stack ever deletes them."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.region_info import RegionInfo
from constructs import Construct

from stacks.acknowledge import acknowledge

MULTIPART_DAYS = 7
CAPTURE = "capture/"  # what SageMaker records of the traffic
LOAD_BALANCER_LOGS = "alb"  # below it each balancer has a folder of its own


def data_key(scope: Construct, id_: str, *, description: str, alias: str) -> kms.Key:
    """Make a symmetric key that rotates every year and outlives its stack.

    CloudWatch Logs of the account may use it too, so that log groups are encrypted with it.
    """
    key = kms.Key(
        scope,
        id_,
        description=description,
        alias=alias,
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    stack = Stack.of(scope)
    groups = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LogGroupsOfThisAccount",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )
    return key


def signing_key(scope: Construct, id_: str, *, description: str, alias: str) -> kms.Key:
    """Make the ECDSA P-256 key that signs manifests and releases; KMS rotates no asymmetric key."""
    return kms.Key(
        scope,
        id_,
        description=description,
        alias=alias,
        key_spec=kms.KeySpec.ECC_NIST_P256,
        key_usage=kms.KeyUsage.SIGN_VERIFY,
        removal_policy=RemovalPolicy.RETAIN,
    )


def log_bucket(scope: Construct, id_: str, *, days: int) -> s3.Bucket:
    """Make the bucket that S3, flow logs and load balancers write their logs to.

    Args:
        scope: The parent.
        id_: The construct id.
        days: How long logs are kept.
    """
    bucket = s3.Bucket(
        scope,
        id_,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="forget",
                expiration=Duration.days(days),
                noncurrent_version_expiration=Duration.days(1),
                abort_incomplete_multipart_upload_after=Duration.days(MULTIPART_DAYS),
            )
        ],
        removal_policy=RemovalPolicy.RETAIN,
    )
    _admit_load_balancers(bucket)
    acknowledge(
        bucket,
        "It holds the access logs: logging the writing of logs would never end.",
        "AwsSolutions-S1",
        "NIST.800.53.R5-S3BucketLoggingEnabled",
    )
    acknowledge(
        bucket,
        "Load balancers and S3 deliver logs to buckets under S3's own keys alone.",
        "NIST.800.53.R5-S3DefaultEncryptionKMS",
    )
    acknowledge(
        bucket,
        "Logs are kept for days, not for ever, and nothing is built from them.",
        "NIST.800.53.R5-S3BucketReplicationEnabled",
    )
    return bucket


def store_bucket(
    scope: Construct,
    id_: str,
    *,
    key: kms.IKey,
    logs: s3.IBucket,
    noncurrent_days: int,
    capture_days: int | None = None,
    name: str | None = None,
) -> s3.Bucket:
    """Make a versioned, encrypted bucket that answers over TLS alone and is never public.

    Args:
        scope: The parent.
        id_: The construct id, also the folder of its access logs.
        key: What encrypts it.
        logs: Where its access logs go.
        noncurrent_days: How long replaced versions are kept.
        capture_days: How long captured traffic is kept; None where none is captured.
        name: A physical name, where another account must know it; else one is made up.
    """
    rules = [
        s3.LifecycleRule(
            id="drop-what-was-replaced-or-abandoned",
            noncurrent_version_expiration=Duration.days(noncurrent_days),
            abort_incomplete_multipart_upload_after=Duration.days(MULTIPART_DAYS),
        )
    ]
    if capture_days is not None:
        rules.append(
            s3.LifecycleRule(
                id="forget-captured-traffic",
                prefix=CAPTURE,
                expiration=Duration.days(capture_days),
            )
        )
    bucket = s3.Bucket(
        scope,
        id_,
        bucket_name=name,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,  # one KMS call per hour and object set, not one per object
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        server_access_logs_bucket=logs,
        server_access_logs_prefix=f"access/{id_.lower()}/",
        lifecycle_rules=rules,
        removal_policy=RemovalPolicy.RETAIN,
    )
    acknowledge(
        bucket,
        "Versioned and never deleted; what is lost with a region is built again from the commit.",
        "NIST.800.53.R5-S3BucketReplicationEnabled",
    )
    return bucket


def _admit_load_balancers(bucket: s3.Bucket) -> None:
    # Here, not where a balancer is: its stack comes and goes with releases, the bucket stays.
    stack = Stack.of(bucket)
    account = RegionInfo.get(stack.region).elbv2_account
    service = iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LoadBalancerLogs",
            principals=[iam.AccountPrincipal(account) if account else service],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(f"{LOAD_BALANCER_LOGS}/*/AWSLogs/{stack.account}/*")],
        )
    )
