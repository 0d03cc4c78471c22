"""Places of named objects: a folder, or a prefix in S3."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol


class Place(Protocol):
    """Objects by key; keys are relative to the place and use `/`."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, sorted."""

    def folders(self, prefix: str) -> list[str]:
        """Return the names directly below a prefix."""

    def get(self, key: str) -> bytes | None:
        """Return an object, or None if it is not there."""

    def put(self, key: str, data: bytes, kind: str) -> None:
        """Write an object of a content type."""


def open_place(location: str) -> Place:
    """Return the place of `s3://BUCKET/PREFIX` or `file:///FOLDER`."""
    scheme, _, rest = location.partition("://")
    if scheme == "file":
        return Folder(Path(rest))
    import boto3

    bucket, _, prefix = rest.partition("/")
    return S3Prefix(boto3.client("s3"), bucket, prefix and prefix.rstrip("/") + "/")


class Folder:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        """Take the folder; it is made when something is written."""
        self._root = root

    def keys(self, prefix: str) -> list[str]:
        """See `Place`."""
        found = (path for path in (self._root / prefix).rglob("*") if path.is_file())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def folders(self, prefix: str) -> list[str]:
        """See `Place`."""
        root = self._root / prefix
        return (
            sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        )

    def get(self, key: str) -> bytes | None:
        """See `Place`."""
        path = self._root / key
        return path.read_bytes() if path.is_file() else None

    def put(self, key: str, data: bytes, kind: str) -> None:
        """See `Place`."""
        del kind
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class S3Prefix:
    """Objects below a prefix."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        """Take a boto3 client, the bucket, and a prefix that ends in `/` or is empty."""
        self._s3, self._bucket, self._prefix = s3, bucket, prefix

    def keys(self, prefix: str) -> list[str]:
        """See `Place`."""
        pages = self._pages(prefix)
        found = (item["Key"] for page in pages for item in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in found)

    def folders(self, prefix: str) -> list[str]:
        """See `Place`."""
        pages = self._pages(prefix, Delimiter="/")
        found = (item["Prefix"] for page in pages for item in page.get("CommonPrefixes", ()))
        return sorted(key.rstrip("/").rpartition("/")[2] for key in found)

    def get(self, key: str) -> bytes | None:
        """See `Place`."""
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"]
        except self._s3.exceptions.NoSuchKey:
            return None
        with body:
            return bytes(body.read())

    def put(self, key: str, data: bytes, kind: str) -> None:
        """See `Place`."""
        self._s3.put_object(
            Bucket=self._bucket, Key=self._prefix + key, Body=data, ContentType=kind
        )

    def _pages(self, prefix: str, **more: str) -> Any:
        paginator = self._s3.get_paginator("list_objects_v2")
        return paginator.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix, **more)


def lines(captured: Place, endpoint: str, start: datetime, end: datetime) -> Iterator[str]:
    """Return the lines of an endpoint's files whose hours touch a window, in order."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour <= end:
        for variant in captured.folders(f"{endpoint}/"):
            for key in captured.keys(f"{endpoint}/{variant}/{hour:%Y/%m/%d/%H}/"):
                if key.endswith(".jsonl"):
                    yield from (captured.get(key) or b"").decode("utf-8", "replace").splitlines()
        hour += timedelta(hours=1)
