"""Accounts as commands read them: by these credentials, or the lookup role of `cdk bootstrap`."""

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ops.place import Place

PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3})


class NoWayIn(Exception):
    """The account of a check cannot be read with these credentials."""


@dataclass
class Accounts:
    """boto3 clients of several accounts.

    Attributes:
        session: Credentials of one of the accounts.
    """

    session: boto3.Session
    _sessions: dict[str, boto3.Session | NoWayIn] = field(default_factory=dict)
    _clients: dict[tuple[str, Place], Any] = field(default_factory=dict)
    _own: str = ""

    def client(self, service: str, place: Place) -> Any:
        """Return a client of a service in an account and region.

        Raises:
            NoWayIn: These credentials are of another account, and may not look into that one.
        """
        wanted = (service, place)
        if wanted not in self._clients:
            session = self._session_of(place)
            self._clients[wanted] = session.client(  # type: ignore[call-overload]
                service, region_name=place.region, config=PATIENCE
            )
        return self._clients[wanted]

    @property
    def own(self) -> str:
        """Return the account of the credentials."""
        if not self._own:
            sts = self.session.client("sts", config=PATIENCE)
            self._own = str(sts.get_caller_identity()["Account"])
        return self._own

    def _session_of(self, place: Place) -> boto3.Session:
        if place.account == self.own:
            return self.session
        if place.account not in self._sessions:
            self._sessions[place.account] = self._visit(place)
        found = self._sessions[place.account]
        if isinstance(found, NoWayIn):
            raise found
        return found

    def _visit(self, place: Place) -> boto3.Session | NoWayIn:
        role = f"arn:aws:iam::{place.account}:role/{place.bootstrap_role('lookup-role')}"
        try:
            given = self.session.client("sts", config=PATIENCE).assume_role(
                RoleArn=role, RoleSessionName="slipway-ops"
            )["Credentials"]
        except ClientError:
            return NoWayIn(f"credentials of account {self.own} may not assume {role}")
        return boto3.Session(
            given["AccessKeyId"],
            given["SecretAccessKey"],
            given["SessionToken"],
            region_name=place.region,
        )
