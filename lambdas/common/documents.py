"""A release with its manifests, read from a bucket: signatures and digests checked."""

from collections.abc import Iterable

from catalog import chip
from catalog.artifact import Evidence, Manifest
from catalog.bucket import Bucket
from catalog.envelope import Verify, open_envelope
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


def chip_evidence(
    bucket: Bucket, manifests: Iterable[Manifest], verify: Verify
) -> dict[str, Evidence]:
    """Return what chips have shown of artifacts, by artifact; its signatures are checked.

    Raises:
        BadSignature: A document is not as signed.
    """
    found = {}
    for manifest in manifests:
        artifact = manifest.digest()
        envelope = bucket.get(chip.evidence_key(artifact)) if chip.to_prove(manifest) else None
        if envelope is not None:
            content = open_envelope(envelope, chip.CHIP_EVIDENCE_TYPE, verify)
            found[artifact] = chip.read_document(content, artifact)
    return found
