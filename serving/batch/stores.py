"""Where shards come from and scores go: a folder, or a prefix in S3.

Law: an object is either whole or not there; writing the same bytes twice changes nothing.
"""

import glob
import os
import shutil
from pathlib import Path
from typing import Any, Protocol

from serving.runtime.digest import sha256_of

SCHEME = "s3://"
SUFFIX = ".parquet"


class Store(Protocol):
    """A place of named objects; keys are relative and use `/`."""

    def shards(self) -> list[str]:
        """Return the keys that end in `.parquet`, sorted."""

    def version(self, key: str) -> str:
        """Return what changes when the object's bytes change."""

    def read(self, key: str) -> bytes | None:
        """Return a small object, or None if it is not there."""

    def fetch(self, key: str, scratch: Path) -> Path:
        """Return the object as a local file, copied into `scratch` if it has to be."""

    def publish(self, path: Path, key: str) -> None:
        """Put a file's bytes under a key, at once."""


def open_store(location: str) -> Store:
    """Return the store of `s3://BUCKET/PREFIX` or of a folder."""
    if not location.startswith(SCHEME):
        return Folder(Path(location))
    import boto3

    bucket, _, prefix = location.removeprefix(SCHEME).partition("/")
    return S3Prefix(boto3.client("s3"), bucket, prefix and prefix.rstrip("/") + "/")


class Folder:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        """Take the folder; it is made when something is written."""
        self._root = root

    def shards(self) -> list[str]:
        """See `Store`; a folder that is not there has none."""
        found = (path for path in self._root.rglob(f"*{SUFFIX}") if path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def version(self, key: str) -> str:
        """Return the SHA-256 of the bytes."""
        with (self._root / key).open("rb") as stream:
            return sha256_of(stream)

    def read(self, key: str) -> bytes | None:
        """See `Store`."""
        path = self._root / key
        return path.read_bytes() if path.is_file() else None

    def fetch(self, key: str, scratch: Path) -> Path:
        """Return the file itself."""
        del scratch
        return self._root / key

    def publish(self, path: Path, key: str) -> None:
        """Write beside the target and rename: nobody sees half a file."""
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        for left_behind in target.parent.glob(f".{glob.escape(target.name)}.*"):
            left_behind.unlink(missing_ok=True)  # by a run that was killed
        part = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(path, part)
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(target)


class S3Prefix:
    """Objects below a prefix."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        """Take a boto3 client, the bucket, and a prefix that ends in `/` or is empty."""
        self._s3, self._bucket, self._prefix = s3, bucket, prefix

    def shards(self) -> list[str]:
        """See `Store`."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        keys = (item["Key"] for page in pages for item in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in keys if key.endswith(SUFFIX))

    def version(self, key: str) -> str:
        """Return the ETag."""
        head = self._s3.head_object(Bucket=self._bucket, Key=self._prefix + key)
        return str(head["ETag"]).strip('"')

    def read(self, key: str) -> bytes | None:
        """See `Store`."""
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"]
        except self._s3.exceptions.NoSuchKey:
            return None
        with body:
            return bytes(body.read())

    def fetch(self, key: str, scratch: Path) -> Path:
        """Download into `scratch`."""
        path = scratch / "shard.parquet"
        self._s3.download_file(self._bucket, self._prefix + key, str(path))
        return path

    def publish(self, path: Path, key: str) -> None:
        """Upload; S3 shows an object only when it is whole."""
        self._s3.upload_file(str(path), self._bucket, self._prefix + key)
