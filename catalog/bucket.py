"""The layout of an artifact bucket; how to read what is verified and write what is not there.

An S3 client is handed in: build jobs and Lambdas share these lines and need no library for them.
Invariants: an object's key holds the digest of what it must contain; nothing is ever overwritten.
"""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from catalog import digest
from catalog.envelope import MANIFEST_TYPE, RELEASE_TYPE, Verify, open_envelope

NOT_FOUND = 404
PRECONDITION_FAILED = 412
CONFLICT = 409  # S3 answers this when two conditional writes meet


class CorruptArtifact(Exception):
    """An object's bytes are not those that its key promises."""


class MissingObject(Exception):
    """An object that another document names is not in the bucket."""


def actions(key: str) -> str:
    """Return the folder of a key: an entry for each way in which its bytes were proven."""
    return f"actions/{key}/"


def action(key: str, proof: str) -> str:
    """Return where the action entry of an artifact key under a proof lies."""
    return f"{actions(key)}{proof}.json"


def rejection(key: str, evidence: str) -> str:
    """Return where the evidence of a build lies that its gates stopped."""
    return f"rejections/{key}/{evidence}.json"


def manifest(artifact: str) -> str:
    """Return where the signed manifest of an artifact lies."""
    return f"manifests/{artifact}.json"


def content(file_digest: str) -> str:
    """Return where bytes lie by their digest."""
    return f"content/{file_digest}"


def release(release_digest: str) -> str:
    """Return where a signed release lies."""
    return f"releases/{release_digest}.json"


def live_prefix(endpoint: str, release_digest: str, accelerator: str) -> str:
    """Return the folder (with its slash) that an endpoint of one release loads from."""
    return f"live/{endpoint}/{release_digest}/{accelerator}/"


@dataclass(frozen=True)
class Bucket:
    """One bucket of the layout above.

    Attributes:
        name: The bucket.
        s3: A boto3 S3 client.
    """

    name: str
    s3: Any

    def exists(self, key: str) -> bool:
        """Say whether an object is there; its bytes are not looked at."""
        try:
            self.s3.head_object(Bucket=self.name, Key=key)
        except self.s3.exceptions.ClientError as error:
            if _status(error) == NOT_FOUND:
                return False
            raise
        return True

    def get(self, key: str) -> bytes | None:
        """Return an object's bytes as they are, or None if there is no such object."""
        try:
            body = self.s3.get_object(Bucket=self.name, Key=key)["Body"]
        except self.s3.exceptions.NoSuchKey:
            return None
        with body:
            return bytes(body.read())

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, sorted."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))

    def put_once(self, key: str, data: bytes) -> bool:
        """Write an object unless one is there; return whether this call wrote it."""
        return self._put_once(key, data, digest.of_bytes(data))

    def put_content(self, path: Path) -> str:
        """Keep a file's bytes under their digest and return it.

        Raises:
            CorruptArtifact: Other bytes lie under this digest already.
        """
        file_digest = digest.of_file(path)
        with path.open("rb") as stream:
            if not self._put_once(content(file_digest), stream, file_digest):
                self.check_content(file_digest)
        return file_digest

    def put_file_once(self, key: str, path: Path) -> bool:
        """Write a file's bytes under a key unless an object is there; return whether it did."""
        with path.open("rb") as stream:
            return self._put_once(key, stream, digest.of_file(path))

    def _put_once(self, key: str, data: bytes | BinaryIO, sha256: str) -> bool:
        # S3 refuses bytes that do not fit the checksum, and remembers it: see check_content.
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        try:
            self.s3.put_object(
                Bucket=self.name, Key=key, Body=data, IfNoneMatch="*", ChecksumSHA256=checksum
            )
        except self.s3.exceptions.ClientError as error:
            if _status(error) in (PRECONDITION_FAILED, CONFLICT) and self.exists(key):
                return False
            raise
        return True

    def read_content(self, file_digest: str) -> bytes:
        """Return bytes by their digest.

        Raises:
            MissingObject: They are not there.
            CorruptArtifact: Other bytes are there.
        """
        data = self._get_named(content(file_digest))
        self._check(content(file_digest), file_digest, digest.of_bytes(data))
        return data

    def check_content(self, file_digest: str) -> None:
        """Check bytes that lie under their digest; raises as `check_object`."""
        self.check_object(content(file_digest), file_digest)

    def check_object(self, key: str, file_digest: str) -> None:
        """Check an object without moving it where S3 knows its SHA-256, else by reading it.

        Raises:
            MissingObject: It is not there.
            CorruptArtifact: It holds other bytes.
        """
        try:
            head = self.s3.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        except self.s3.exceptions.ClientError as error:
            if _status(error) == NOT_FOUND:
                raise self._missing(key) from error
            raise
        recorded = head.get("ChecksumSHA256")
        if recorded is None:
            self._check(key, file_digest, digest.of_bytes(self._get_named(key)))
        else:
            self._check(key, file_digest, base64.b64decode(recorded).hex())

    def download_content(self, file_digest: str, path: Path) -> None:
        """Write bytes to a file by their digest; raises as `read_content`, leaving no file."""
        key = content(file_digest)
        try:
            self.s3.download_file(self.name, key, str(path))
        except self.s3.exceptions.ClientError as error:
            if _status(error) == NOT_FOUND:
                raise self._missing(key) from error
            raise
        try:
            self._check(key, file_digest, digest.of_file(path))
        except CorruptArtifact:
            path.unlink()
            raise

    def read_manifest(self, artifact: str, verify: Verify) -> dict[str, Any]:
        """Return an artifact's manifest, its signature and digest checked."""
        return self._read_signed(manifest(artifact), artifact, MANIFEST_TYPE, verify)

    def read_release(self, release_digest: str, verify: Verify) -> dict[str, Any]:
        """Return a release, its signature and digest checked."""
        return self._read_signed(release(release_digest), release_digest, RELEASE_TYPE, verify)

    def _read_signed(self, key: str, named: str, kind: str, verify: Verify) -> dict[str, Any]:
        document = open_envelope(self._get_named(key), kind, verify)
        self._check(key, named, digest.of_document(document))
        return document

    def _get_named(self, key: str) -> bytes:
        data = self.get(key)
        if data is None:
            raise self._missing(key)
        return data

    def _missing(self, key: str) -> MissingObject:
        return MissingObject(
            f"s3://{self.name}/{key}: not there, though another document names it; "
            "restore it from the bucket's versions or build its model again"
        )

    def _check(self, key: str, expected: str, actual: str) -> None:
        if actual != expected:
            raise CorruptArtifact(
                f"s3://{self.name}/{key}: expected sha256:{expected}, found sha256:{actual}; "
                "restore the object from the bucket's versions, or delete it and build again"
            )


def _status(error: Any) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
