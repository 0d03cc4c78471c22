"""Where files of records go: a folder, or a prefix in S3; the layout is Data Capture's."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from serving.runtime.capture.settings import Settings

Sink = Callable[[str, bytes], None]
"""Writes bytes under a key."""


def key_of(settings: Settings, hour: datetime) -> str:
    """Return a new key of an hour (UTC): `ENDPOINT/VARIANT/yyyy/mm/dd/hh/UUID.jsonl`."""
    return f"{settings.endpoint}/{settings.variant}/{hour:%Y/%m/%d/%H}/{uuid.uuid4()}.jsonl"


def open_sink(settings: Settings) -> Sink:
    """Return what writes below the settings' place."""
    scheme, _, rest = settings.place.partition("://")
    if scheme == "file":
        return partial(_to_folder, Path(rest))
    import boto3
    from botocore.config import Config

    bucket, _, prefix = rest.partition("/")
    # Records are worth less than the shutdown that would wait for them.
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
    return partial(_to_s3, boto3.client("s3", config=config), bucket, prefix, settings.kms_key)


def _to_folder(root: Path, key: str, data: bytes) -> None:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")  # whoever reads `*.jsonl` never sees half a file
    part.write_bytes(data)
    part.replace(path)


def _to_s3(s3: Any, bucket: str, prefix: str, kms_key: str, key: str, data: bytes) -> None:
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    whole = f"{prefix}/{key}" if prefix else key
    s3.put_object(Bucket=bucket, Key=whole, Body=data, **encrypted)
