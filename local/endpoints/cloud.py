"""What SageMaker does in the account of its user: it takes a role, reads objects, puts metrics."""

import contextlib
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.endpoints.settings import Scope

REFRESH_SECONDS = 1800  # a role session lasts an hour
Keys = dict[str, str]
"""Credentials as keyword arguments of a boto3 client."""
QUICK = Config(retries={"max_attempts": 2}, connect_timeout=5, read_timeout=60)


class Unreadable(Exception):
    """An object that is not there or that the role may not read."""


@dataclass
class Cloud:
    """The emulator's storage, roles and metrics; its methods block, so call them from threads.

    Attributes:
        gateway: The emulator's URL.
        assume: Takes the ARN of a role that trusts SageMaker and gives the keys of a session;
            raises Unreadable for any other role.
    """

    gateway: str
    assume: Callable[[str], Keys]
    _stores: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, seconds: float) -> None:
        """Wait until the emulator takes connections: it restores us before it listens."""
        address = urlsplit(self.gateway)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection((address.hostname, address.port or 80), 1).close()
                return
            time.sleep(0.05)

    def fetch(self, role: str, region: str, url: str, target: Path) -> None:
        """Copy one object to a file, as the role that a model was created with.

        Raises:
            Unreadable: It is not there, or the role may not read it, or cannot be assumed.
        """
        bucket, key = split(url)
        try:
            self._store(role, region).download_file(bucket, key, str(target))
        except (ClientError, BotoCoreError) as error:
            raise Unreadable(str(error)) from error

    def fetch_prefix(self, role: str, region: str, url: str, folder: Path) -> None:
        """Copy every object under a prefix into a folder, keeping the path below the prefix.

        Raises:
            Unreadable: There is none, or the role may not list or read them.
        """
        bucket, prefix = split(url)
        try:
            store = self._store(role, region)
            pages = store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
            for key in keys:
                target = (folder / key.removeprefix(prefix)).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise Unreadable(f"key {key} leads out of its prefix")
                target.parent.mkdir(parents=True, exist_ok=True)
                store.download_file(bucket, key, str(target))
        except (ClientError, BotoCoreError) as error:
            raise Unreadable(str(error)) from error
        if not keys:
            raise Unreadable(f"no object lies under {url}")

    def put_metrics(self, scope: Scope, namespace: str, data: list[dict[str, Any]]) -> None:
        """Put metric data into an account."""
        account, region = scope
        self._client("cloudwatch", region, aws_access_key_id=account).put_metric_data(
            Namespace=namespace, MetricData=data
        )

    def ringing(self, scope: Scope, alarms: Sequence[str], since: float) -> list[str]:
        """Return those of the named alarms that went into ALARM after a time (epoch seconds)."""
        account, region = scope
        found = self._client("cloudwatch", region, aws_access_key_id=account).describe_alarms(
            AlarmNames=list(alarms), StateValue="ALARM"
        )
        states = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return [
            state["AlarmName"]
            for state in states
            if state["StateUpdatedTimestamp"].timestamp() >= int(since)  # it has whole seconds
        ]

    def _store(self, role: str, region: str) -> Any:
        """Return an S3 client under a role's temporary credentials."""
        with self._lock:
            made, store = self._stores.get(role, (0.0, None))
            if store is None or time.monotonic() - made > REFRESH_SECONDS:
                store = self._client("s3", region, **self.assume(role))
                self._stores[role] = (time.monotonic(), store)
            return store

    def _client(self, service: str, region: str, **credentials: str) -> Any:
        secret = {"aws_secret_access_key": "local"}  # any will do beside an account number
        session: Any = boto3.session.Session()
        options = secret | credentials
        config = QUICK.merge(Config(s3={"addressing_style": "path"}))
        return session.client(
            service, region_name=region, endpoint_url=self.gateway, config=config, **options
        )


def split(url: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def unpack(archive: Path, folder: Path) -> int:
    """Unpack a `.tar.gz` that may hold nothing but plain files and folders below its root.

    Returns:
        The bytes of its files.

    Raises:
        tarfile.TarError: It is no such archive.
    """
    with tarfile.open(archive, "r:gz") as packed:
        members = packed.getmembers()
        for member in members:  # Pythons before 3.11.4, such as Debian 12's, have no filters
            inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
            if not (inside and (member.isfile() or member.isdir())):
                raise tarfile.ExtractError(f"{member.name!r} is no plain file below the root")
        packed.extractall(folder, members)  # noqa: S202 - looked at above
    return sum(member.size for member in members)
