"""The artifact store: what was compiled, under what it was compiled from.

Two maps in one bucket (`catalog.bucket` has the layout): *actions* (key, proof -> artifact) and
*content* (digest -> bytes). Invariants: an action entry is written last, so whatever it names is
complete; it is written once, so two builds that race for one key end in one artifact; a build that
its gates stopped leaves a rejection and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import bucket, chip, digest
from catalog.artifact import Evidence, Manifest
from catalog.bucket import Bucket, CorruptArtifact, MissingObject
from catalog.envelope import (
    MANIFEST_TYPE,
    RELEASE_TYPE,
    BadSignature,
    Sign,
    Verify,
    open_envelope,
    seal,
)
from catalog.release import Release
from model_build.key import Proof


@dataclass(frozen=True)
class Stored:
    """An artifact that is whole: its digest, its manifest, and what its evidence was taken on."""

    artifact: str
    manifest: Manifest
    golden_digest: str
    load: dict[str, Any]


class Store:
    """An artifact bucket, with the key that its documents are signed by.

    Args:
        name: The bucket.
        s3: A boto3 S3 client.
        verify: Says whether a signature is ours.
        sign: Signs; a store that is only read needs none.
    """

    def __init__(self, name: str, s3: Any, verify: Verify, sign: Sign | None = None) -> None:
        self.bucket = Bucket(name, s3)
        self._verify = verify
        self._sign = sign

    def find(self, key: str) -> list[Stored]:
        """Return the artifacts of a key, each checked; most often none or one.

        Raises:
            CorruptArtifact: An entry, a manifest or an archive is not what was stored.
        """
        return [self._stored(key, place) for place in self.bucket.keys(bucket.actions(key))]

    def _stored(self, key: str, place: str) -> Stored:
        remedy = f"to build it anew, delete s3://{self.bucket.name}/{place}"
        try:
            entry = json.loads(self.bucket.get(place) or b"")
            artifact = str(entry["manifest"])
            proven_on = (str(entry["golden_digest"]), dict(entry["load"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptArtifact(
                f"s3://{self.bucket.name}/{place}: no action entry ({error!r}); {remedy}, run again"
            ) from error
        try:
            manifest = self.manifest(artifact)
            for entry in (manifest.archive, *manifest.baseline):
                self.bucket.check_content(entry.sha256)
        except (CorruptArtifact, MissingObject, BadSignature) as error:
            raise CorruptArtifact(
                f"the artifact of key {key} cannot be trusted: {error}; {remedy} and the object "
                "named before, and run again"
            ) from error
        if manifest.key != key:
            raise CorruptArtifact(
                f"s3://{self.bucket.name}/{place}: expected an artifact of key {key}, artifact "
                f"{artifact} was made for key {manifest.key}; {remedy} and run again"
            )
        return Stored(artifact, manifest, *proven_on)

    def manifest(self, artifact: str) -> Manifest:
        """Return an artifact's manifest, its signature and digest checked."""
        return Manifest.from_json(self.bucket.read_manifest(artifact, self._verify))

    def publish(
        self, manifest: Manifest, archive: Path, proof: Proof, beside: Sequence[Path] = ()
    ) -> str:
        """Keep an artifact and return the digest of the one that its key now has under this proof.

        That is this one, or the one of another build that was faster.

        Args:
            manifest: Describes the artifact.
            archive: What is served.
            proof: What it was judged by.
            beside: The files of its baseline.

        Raises:
            ValueError: A file is not the one that the manifest describes.
        """
        entries = (manifest.archive, *manifest.baseline)
        for path, entry in zip((archive, *beside), entries, strict=True):
            found = self.bucket.put_content(path)
            if found != entry.sha256:
                raise ValueError(f"{path}: digest {found}, but its manifest says {entry.sha256}")
        artifact = manifest.digest()
        self._put_signed(bucket.manifest(artifact), manifest.to_json(), MANIFEST_TYPE)
        place = bucket.action(manifest.key, proof.digest)
        action = {
            "key": manifest.key,
            "manifest": artifact,
            "golden_digest": proof.golden_digest,
            "load": proof.load,
        }
        if self.bucket.put_once(place, digest.canonical(action)):
            return artifact
        return self._stored(manifest.key, place).artifact

    def reject(self, key: str, evidence: Mapping[str, Any]) -> str:
        """Keep the evidence of a build that was stopped and return where it lies."""
        place = bucket.rejection(key, digest.of_document(evidence))
        self.bucket.put_once(place, digest.canonical(evidence))
        return f"s3://{self.bucket.name}/{place}"

    def chip_evidence(self, artifact: str) -> Evidence | None:
        """Return what a chip has shown of an artifact, its signature checked; None so far."""
        envelope = self.bucket.get(chip.evidence_key(artifact))
        if envelope is None:
            return None
        content = open_envelope(envelope, chip.CHIP_EVIDENCE_TYPE, self._verify)
        return chip.read_document(content, artifact)

    def put_chip_evidence(self, artifact: str, evidence: Evidence) -> str:
        """Sign and keep what a chip has shown; the first that passed stays. Return where it is."""
        key = chip.evidence_key(artifact)
        self._put_signed(key, chip.document(artifact, evidence), chip.CHIP_EVIDENCE_TYPE)
        return f"s3://{self.bucket.name}/{key}"

    def put_release(self, release: Release) -> str:
        """Sign and keep a release; return its digest."""
        self._put_signed(bucket.release(release.digest()), release.to_json(), RELEASE_TYPE)
        return release.digest()

    def release(self, release_digest: str) -> Release:
        """Return a release, its signature and digest checked."""
        return Release.from_json(self.bucket.read_release(release_digest, self._verify))

    def _put_signed(self, key: str, document: Mapping[str, Any], kind: str) -> None:
        assert self._sign is not None, "this store was opened for reading"
        if not self.bucket.exists(key):  # saves a signature; put_once guards the race
            self.bucket.put_once(key, seal(document, kind, self._sign))
