"""Fetch a model archive; nothing of it is opened before its digest is known to be right."""

import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from serving.runtime.digest import sha256_of

SCHEME = "s3://"


class BadArtifact(Exception):
    """The archive cannot be had, or is not the one the release names."""


def fetch(location: str, sha256: str, folder: Path) -> Path:
    """Copy an archive, check its digest, unpack it.

    Args:
        location: `s3://BUCKET/KEY` or a path.
        sha256: The digest that its bytes must have, in hex.
        folder: Where `model/` is made.

    Returns:
        The compiled model directory.

    Raises:
        BadArtifact: Not there, of another digest, or no archive of files.
    """
    with tempfile.TemporaryFile(dir=folder) as copy:
        _copy(location, copy)
        copy.seek(0)
        actual = sha256_of(copy)
        if actual != sha256:
            raise BadArtifact(
                f"{location}: sha256 is {actual}, the release says {sha256}; not unpacked."
                " Promote the release again"
            )
        copy.seek(0)
        return _unpack(copy, location, folder / "model")


def _copy(location: str, target: IO[bytes]) -> None:
    try:
        if location.startswith(SCHEME):
            _download(location, target)
            return
        with Path(location).open("rb") as source:
            shutil.copyfileobj(source, target)
    except OSError as error:
        raise BadArtifact(f"{location}: cannot be read ({error})") from error


def _download(location: str, target: IO[bytes]) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = location.removeprefix(SCHEME).partition("/")
    try:
        boto3.client("s3").download_fileobj(bucket, key, target)
    except (BotoCoreError, ClientError) as error:
        raise BadArtifact(f"{location}: cannot be downloaded ({error})") from error


def _unpack(archive: IO[bytes], location: str, folder: Path) -> Path:
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as opened:
            unpack(opened, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadArtifact(f"{location}: cannot be unpacked ({error})") from error
    return folder


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack an archive that may hold nothing but plain files and folders below its root.

    Not by tarfile's own filters: Pythons before 3.11.4, such as Debian 12's, have none.

    Raises:
        tarfile.TarError: It holds something else.
    """
    members = archive.getmembers()
    root = folder.resolve()
    for member in members:
        inside = (root / member.name).resolve().is_relative_to(root)
        if not (inside and (member.isfile() or member.isdir())):
            raise tarfile.ExtractError(f"{member.name!r} is no plain file or folder below the root")
    archive.extractall(folder, members)  # noqa: S202 - looked at above
