"""A release with its manifests, read from a bucket: signatures and digests checked."""

from catalog.artifact import Manifest
from catalog.bucket import Bucket
from catalog.envelope import Verify
from catalog.release import Release, ReleaseContext


def read_release(bucket: Bucket, release: str, verify: Verify) -> ReleaseContext:
    """Return a release and the manifest of each of its models.

    Raises:
        MissingObject, CorruptArtifact, BadSignature: A document is not there or not as signed.
    """
    found = Release.from_json(bucket.read_release(release, verify))
    manifests = {
        model: {
            accelerator: Manifest.from_json(bucket.read_manifest(artifact, verify))
            for accelerator, artifact in sorted(made.items())
        }
        for model, made in sorted(found.models.items())
    }
    return ReleaseContext(found, manifests)
