"""Two accounts of the local cloud: what crosses the border needs both sides' leave, as on AWS."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.clients import client, endpoint
from tests.local.cloud import Cloud

HERE, THERE = "111111111111", "222222222222"
BUCKET = "shared-artifacts"
OURS_ALONE = {"StringEquals": {"cloudwatch:namespace": "Ours"}}
ALIAS = f"arn:aws:kms:us-east-1:{HERE}:alias/signs"


def allow(actions: list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def owner(local_cloud: Cloud) -> str:
    """Make a bucket and a signing key that admit roles called `friend-*` of the other account."""
    friends = {
        "Principal": {"AWS": f"arn:aws:iam::{THERE}:root"},
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{THERE}:role/friend-*"}},
    }
    s3, kms = (client(service, account=HERE, place=local_cloud.place) for service in ("s3", "kms"))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="content/a", Body=b"bytes")
    objects = f"arn:aws:s3:::{BUCKET}/*"
    policy = document(allow(["s3:GetObject"], objects, **friends))
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    root = {"Principal": {"AWS": f"arn:aws:iam::{HERE}:root"}}
    key = kms.create_key(
        KeySpec="ECC_NIST_P256",
        KeyUsage="SIGN_VERIFY",
        Policy=document(allow(["kms:*"], "*", **root), allow(["kms:Verify"], "*", **friends)),
    )["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/signs", TargetKeyId=key)
    answer = kms.sign(KeyId=key, SigningAlgorithm="ECDSA_SHA_256", Message=b"release")
    return str(answer["Signature"].hex())


@pytest.fixture(scope="module")
def acting(local_cloud: Cloud) -> Callable[[str], Callable[[str], Any]]:
    """Return what makes clients that act as a role of the other account, with its own leave."""

    def act(name: str) -> Callable[[str], Any]:
        iam, sts = (
            client(service, account=THERE, place=local_cloud.place) for service in ("iam", "sts")
        )
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        trust["Principal"] = {"AWS": f"arn:aws:iam::{THERE}:root"}  # type: ignore[assignment]
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
        keys = f"arn:aws:kms:us-east-1:{HERE}:key/*"
        own = document(
            allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*"),
            allow(["kms:Verify", "kms:Sign"], keys),
            allow(["cloudwatch:PutMetricData"], "*", Condition=OURS_ALONE),
        )
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=own)
        found = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
        return lambda service: boto3.client(
            service,
            endpoint_url=endpoint(local_cloud.place),
            region_name="us-east-1",
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )

    return act


def verify(kms: Any, signature: str) -> bool:
    answer = kms.verify(
        KeyId=ALIAS,
        SigningAlgorithm="ECDSA_SHA_256",
        Message=b"release",
        Signature=bytes.fromhex(signature),
    )
    return bool(answer["SignatureValid"])


def test_an_admitted_role_reads_verifies_and_does_nothing_else(
    owner: str, acting: Callable[[str], Callable[[str], Any]]
):
    act = acting("friend-of-dev")

    assert act("s3").get_object(Bucket=BUCKET, Key="content/a")["Body"].read() == b"bytes"
    assert verify(act("kms"), owner)
    with pytest.raises(ClientError, match="AccessDenied"):
        act("s3").put_object(Bucket=BUCKET, Key="content/a", Body=b"other")
    with pytest.raises(ClientError, match="AccessDenied"):
        act("kms").sign(KeyId=ALIAS, SigningAlgorithm="ECDSA_SHA_256", Message=b"release")


def test_a_role_that_the_other_side_does_not_admit_gets_nothing(
    owner: str, acting: Callable[[str], Callable[[str], Any]]
):
    act = acting("stranger")

    with pytest.raises(ClientError, match="AccessDenied"):
        act("s3").get_object(Bucket=BUCKET, Key="content/a")
    with pytest.raises(ClientError, match="AccessDenied"):
        verify(act("kms"), owner)


def test_a_role_puts_metrics_into_the_namespace_of_its_condition_alone(
    acting: Callable[[str], Callable[[str], Any]],
):
    metrics, data = acting("counts")("cloudwatch"), [{"MetricName": "a", "Value": 1.0}]

    metrics.put_metric_data(Namespace="Ours", MetricData=data)
    with pytest.raises(ClientError, match="AccessDenied"):
        metrics.put_metric_data(Namespace="Theirs", MetricData=data)
