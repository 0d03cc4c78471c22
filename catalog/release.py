"""A release: which artifact each model is, for one promotion. Immutable and signed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from catalog import digest
from catalog.artifact import Manifest


@dataclass(frozen=True)
class Release:
    """The list {model: artifact digest}: the only thing that moves from environment to environment.

    What was live where, and when, is kept beside each environment's pointer, since a release never
    changes.
    """

    models: dict[str, str]
    created_from_commit: str
    previous: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the release as a JSON document."""
        return asdict(self)

    def digest(self) -> str:
        """Return the release's digest, 64 hex characters."""
        return digest.of_document(self.to_json())

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Release":
        """Read a release back; `from_json(r.to_json()) == r`."""
        return Release(**document)


@dataclass(frozen=True)
class ReleaseContext:
    """A release with its manifests by model: all that `cdk deploy` needs to know of it."""

    release: Release
    manifests: dict[str, Manifest]

    @property
    def hex(self) -> str:
        """Return the release's digest."""
        return self.release.digest()

    def served_on(self, kind: str, name: str) -> dict[str, Manifest]:
        """Return the manifests served on one endpoint or service, by model, in name order."""
        wanted = {"kind": kind, "name": name}
        found = sorted(self.manifests.items())
        return {model: manifest for model, manifest in found if manifest.serve == wanted}

    def to_json(self) -> dict[str, Any]:
        """Return the context as the JSON document that `-c release=FILE` reads."""
        manifests = {model: manifest.to_json() for model, manifest in self.manifests.items()}
        return {"digest": self.hex, "release": self.release.to_json(), "manifests": manifests}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "ReleaseContext":
        """Read a release context and check that its digests hold together.

        Raises:
            ValueError: A digest in the document is not that of the content beside it.
        """
        release = Release.from_json(document["release"])
        manifests = {
            model: Manifest.from_json(item) for model, item in document["manifests"].items()
        }
        if release.digest() != document["digest"]:
            raise ValueError(
                f"release digest {document['digest']}: the content has {release.digest()}"
            )
        found = {model: manifest.digest() for model, manifest in manifests.items()}
        if found != release.models:
            wrong = sorted(set(found.items()) ^ set(release.models.items()))
            raise ValueError(
                f"release {document['digest']}: manifests do not fit its list: {wrong}"
            )
        return ReleaseContext(release, manifests)
