"""Copies between S3 and the folders of a job, under the job's role."""

from pathlib import Path
from typing import Any

from local.emulator import gateway


def shards(s3: Any, uri: str, *, index: int, count: int) -> list[str]:
    """Return the keys below a prefix that one of several machines gets.

    Args:
        s3: A client.
        uri: `s3://BUCKET/PREFIX`.
        index: The machine's number, from 0.
        count: How many machines share the keys; 1 gives all of them.
    """
    bucket, prefix = split(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))
    return keys[index::count]


def fetch(s3: Any, uri: str, keys: list[str], folder: Path) -> None:
    """Copy objects into a folder, keeping their path below the prefix."""
    bucket, prefix = split(uri)
    folder.mkdir(parents=True, exist_ok=True)
    for key in keys:
        target = (folder / (key.removeprefix(prefix).lstrip("/") or Path(key).name)).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValueError(f"key {key} leads out of its prefix")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def put(s3: Any, folder: Path, uri: str) -> None:
    """Copy the files of a folder below a prefix."""
    bucket, prefix = split(uri)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        key = f"{prefix.rstrip('/')}/{file.relative_to(folder)}"
        s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def client(role: str, session: str, principal: str) -> Any:
    """Return an S3 client under a role."""
    return gateway.client("s3", gateway.assume(role, session, principal))
