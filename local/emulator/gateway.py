"""Calls from inside the emulator to its own port, under the right credentials."""

import json
import os
import threading
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from ministack.core.responses import get_account_id, get_region

_CONFIG = Config(
    retries={"max_attempts": 1}, read_timeout=900, connect_timeout=5, max_pool_connections=20
)
ROOT_SECRET = "local"  # noqa: S105 - the emulator takes any secret with an account number as key
_SESSION = botocore.session.Session()
_LOCK = threading.Lock()
_ROOT_CLIENTS: dict[tuple[str, str, str], Any] = {}


@dataclass(frozen=True)
class Credentials:
    """Keys of a role session."""

    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        """Return the keys as the variables that every AWS SDK reads."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


class AssumeRoleRefused(Exception):
    """The role does not exist or its trust policy does not admit the service."""


def endpoint() -> str:
    """Return the emulator's own address."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def account() -> str:
    """Return the account of the request (or of the work that a request started)."""
    return str(get_account_id())


def region() -> str:
    """Return the region of the request (or of the work that a request started)."""
    return str(get_region())


def client(service: str, credentials: Credentials | None = None) -> Any:
    """Return a client for a service of the local cloud.

    Args:
        service: botocore's name of the service.
        credentials: A role session; by default the root of the current account.
    """
    if credentials is not None:
        return _make(
            service, region(), credentials.access_key, credentials.secret_key, credentials.token
        )
    key = (service, account(), region())
    if key not in _ROOT_CLIENTS:
        _ROOT_CLIENTS[key] = _make(service, region(), account(), ROOT_SECRET, None)
    return _ROOT_CLIENTS[key]


def assume(role_arn: str, session: str, service: str, *, duration_s: int = 3600) -> Credentials:
    """Assume a role as an AWS service does.

    Args:
        role_arn: The role, in any account.
        session: The name of the session.
        service: The service principal that the role must trust, e.g. `codebuild.amazonaws.com`.
        duration_s: How long the keys are good for, in seconds.

    Raises:
        AssumeRoleRefused: If the role is missing or does not trust the service.
    """
    owner = role_arn.split(":")[4]
    iam = _make("iam", region(), owner, ROOT_SECRET, None)
    try:
        role = iam.get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
    except iam.exceptions.NoSuchEntityException as missing:
        raise AssumeRoleRefused(f"the role {role_arn} does not exist") from missing
    if not trusts(role["AssumeRolePolicyDocument"], service):
        raise AssumeRoleRefused(f"the trust policy of {role_arn} does not let {service} assume it")
    sts = _make("sts", region(), owner, ROOT_SECRET, None)
    return _assume(sts, role_arn, session, duration_s)


def chain(credentials: Credentials, role_arn: str, session: str) -> Credentials:
    """Assume a role with the keys of another; the trust policy of the second decides.

    Raises:
        AssumeRoleRefused: If the role may not be assumed by the first one.
    """
    return _assume(client("sts", credentials), role_arn, session, 3600)


def trusts(document: Any, service: str) -> bool:
    """Say whether a trust policy lets a service principal assume the role."""
    policy = json.loads(document) if isinstance(document, str) else document
    for statement in policy.get("Statement", []):
        principals = statement.get("Principal", {})
        named = principals.get("Service", []) if isinstance(principals, dict) else []
        services = [named] if isinstance(named, str) else named
        if statement.get("Effect") == "Allow" and service in services:
            return True
    return False


def _assume(sts: Any, role_arn: str, session: str, duration_s: int) -> Credentials:
    try:
        keys = sts.assume_role(
            RoleArn=role_arn, RoleSessionName=session[:64], DurationSeconds=duration_s
        )["Credentials"]
    except sts.exceptions.ClientError as refused:
        raise AssumeRoleRefused(str(refused)) from refused
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def _make(service: str, region_name: str, key: str, secret: str, token: str | None) -> Any:
    with _LOCK:  # botocore's loader is not made for threads
        return _SESSION.create_client(
            service,
            region_name=region_name,
            endpoint_url=endpoint(),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=_CONFIG,
        )
