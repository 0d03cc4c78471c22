"""How other code reaches the local cloud: a client, or the environment of a program."""

import os
from typing import Any

import boto3
from botocore.config import Config

from local import server
from local.paths import NODE, Workplace, search_path, workplace

SECRET = "local"  # noqa: S105 - with an account number as key the emulator takes any secret


class CloudNotRunning(Exception):
    """There is no local cloud to talk to."""


def endpoint(place: Workplace | None = None) -> str:
    """Return the address of the running local cloud.

    Raises:
        CloudNotRunning: If none runs.
    """
    running = server.find(place)
    if running is None:
        raise CloudNotRunning("the local cloud is not running; start it with `make up`")
    return running.endpoint


def client(service: str, *, account: str = server.ACCOUNT, place: Workplace | None = None) -> Any:
    """Return a boto3 client for the root of an account of the local cloud."""
    session: Any = boto3.Session()  # the name of a service is a plain string here
    return session.client(
        service,
        endpoint_url=endpoint(place),
        region_name=server.REGION,
        aws_access_key_id=account,
        aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 2}, read_timeout=120),
    )


def environment(*, account: str = server.ACCOUNT, place: Workplace | None = None) -> dict[str, str]:
    """Return the environment for a program that is to use the local cloud, `cdk` for one."""
    found = place or workplace()
    address = endpoint(found)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return {
        **kept,
        "PATH": search_path(kept.get("PATH", os.defpath)),
        "AWS_ENDPOINT_URL": address,
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": server.REGION,
        "AWS_REGION": server.REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": server.REGION,
        "CDK_HOME": str(found.cdk_home),
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "CDK_VALIDATION": "false",
        "JSII_NODE": str(NODE),
        "SLIPWAY_STATE": str(found.root),
    }
