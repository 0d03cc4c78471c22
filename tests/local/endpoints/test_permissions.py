"""Who may invoke what, and whose role SageMaker may take."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.endpoints.lab import ACCOUNT, REGION, add_config, role
from tests.local.endpoints.test_triton import ask, question


def session(lab, *resources: str) -> dict[str, str]:
    """Return keys of a role that may invoke the given endpoints."""
    name = f"Caller{len(resources)}"
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    allow = {
        "Effect": "Allow",
        "Action": "sagemaker:InvokeEndpoint",
        "Resource": [
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{resource}" for resource in resources
        ],
    }
    version = {"Version": "2012-10-17"}
    iam = lab.client("iam")
    arn = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(version | {"Statement": [trust]})
    )["Role"]["Arn"]
    policy = json.dumps(version | {"Statement": [allow]})
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=policy)
    keys = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def test_a_caller_invokes_only_the_endpoints_of_its_policy(lab, search, ads):
    runtime = lab.client("sagemaker-runtime", **session(lab, search))
    request = {"TargetModel": "echo.tar.gz", "Body": question("abc")}

    assert runtime.invoke_endpoint(EndpointName=search, **request)["Body"].read()
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:InvokeEndpoint"):
        runtime.invoke_endpoint(EndpointName=ads, **request)


def test_a_role_that_does_not_trust_sagemaker_is_of_no_use_to_it(lab):
    foreign = role(lab, "Foreign", service="lambda.amazonaws.com", reads="")
    config = add_config(lab, "triton", "search/", foreign)
    lab.client("sagemaker").create_endpoint(EndpointName="foreign", EndpointConfigName=config)
    lab.wait("foreign")

    with pytest.raises(ClientError, match="Failed to download model data"):
        ask(lab, "foreign", "echo.tar.gz", "abc")
