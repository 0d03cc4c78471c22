"""Copies between buckets by digest, verified at the hop; nothing is ever overwritten."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from catalog import bucket, chip
from catalog.artifact import Manifest
from catalog.bucket import Bucket, MissingObject
from catalog.release import ReleaseContext


def copy_content(source: Bucket, target: Bucket, file_digest: str, places: list[str]) -> bool:
    """Bring bytes into a bucket, under their digest and under other keys; say if they were new.

    Raises:
        MissingObject, CorruptArtifact: The bytes are missing or wrong, on either side.
    """
    known = _holds(target, bucket.content(file_digest), file_digest)
    missing = [key for key in places if not _holds(target, key, file_digest)]
    if known and not missing:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        (target if known else source).download_content(file_digest, path)
        target.put_content(path)
        for key in missing:
            target.put_file_once(key, path)
    return not known


def copy_artifact(source: Bucket, target: Bucket, manifest: Manifest, places: list[str]) -> bool:
    """Bring an artifact's baseline and its archive; say if the archive was new."""
    for entry in manifest.baseline:
        copy_content(source, target, entry.sha256, [])
    return copy_content(source, target, manifest.archive.sha256, places)


def copy_evidence(source: Bucket, target: Bucket, artifacts: Iterable[str]) -> None:
    """Copy the signed evidence of artifacts from chips."""
    for artifact in artifacts:
        key = chip.evidence_key(artifact)
        envelope = source.get(key)
        assert envelope is not None, "it was read and verified a moment ago"
        target.put_once(key, envelope)


def copy_documents(source: Bucket, target: Bucket, release: ReleaseContext) -> None:
    """Copy the signed manifests, then the signed release: its presence says that all is there."""
    manifests = [bucket.manifest(artifact) for artifact in release.release.artifacts]
    for key in [*manifests, bucket.release(release.hex)]:
        envelope = source.get(key)
        assert envelope is not None, "it was read and verified a moment ago"
        target.put_once(key, envelope)


def _holds(target: Bucket, key: str, file_digest: str) -> bool:
    try:
        target.check_object(key, file_digest)
    except MissingObject:
        return False
    return True
