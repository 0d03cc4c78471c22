"""A release: which artifact each model is, for one promotion. Immutable and signed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from catalog import digest
from catalog.artifact import Evidence, Manifest


@dataclass(frozen=True)
class Release:
    """The list {model: {accelerator: artifact digest}}: the only thing that moves on.

    Each environment takes the artifacts for the accelerators that it has. What was live where, and
    when, is kept beside each environment's pointer, since a release never changes.
    """

    models: dict[str, dict[str, str]]
    created_from_commit: str
    previous: str | None = None

    @property
    def artifacts(self) -> tuple[str, ...]:
        """Return the digests of all artifacts, sorted."""
        return tuple(sorted(item for made in self.models.values() for item in made.values()))

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
    """A release with its manifests by model and accelerator: all that `cdk deploy` needs of it.

    `chip` is what chips have shown, by artifact, of those that were compiled without one.
    """

    release: Release
    manifests: dict[str, dict[str, Manifest]]
    chip: dict[str, Evidence] = field(default_factory=dict)

    @property
    def hex(self) -> str:
        """Return the release's digest."""
        return self.release.digest()

    @property
    def all(self) -> tuple[Manifest, ...]:
        """Return every manifest, in the order of models and accelerators."""
        return tuple(
            manifest
            for _, made in sorted(self.manifests.items())
            for _, manifest in sorted(made.items())
        )

    def served_on(self, kind: str, name: str) -> tuple[Manifest, ...]:
        """Return the manifests made for one endpoint or service, for any accelerator."""
        wanted = {"kind": kind, "name": name}
        return tuple(manifest for manifest in self.all if manifest.serve == wanted)

    def shown(self, manifest: Manifest) -> Manifest:
        """Return a manifest with what its chip has shown, where it was compiled without one."""
        evidence = self.chip.get(manifest.digest())
        return manifest if evidence is None else replace(manifest, evidence=evidence)

    def to_json(self) -> dict[str, Any]:
        """Return the context as the JSON document that `-c release=FILE` reads."""
        manifests = {
            model: {accelerator: manifest.to_json() for accelerator, manifest in made.items()}
            for model, made in self.manifests.items()
        }
        document = {"digest": self.hex, "release": self.release.to_json(), "manifests": manifests}
        chip = {artifact: evidence.to_json() for artifact, evidence in self.chip.items()}
        return document | ({"chip": chip} if chip else {})

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "ReleaseContext":
        """Read a release context and check that its digests hold together.

        Raises:
            ValueError: A digest in the document is not that of the content beside it.
        """
        release = Release.from_json(document["release"])
        manifests = {
            model: {accelerator: Manifest.from_json(item) for accelerator, item in made.items()}
            for model, made in document["manifests"].items()
        }
        if release.digest() != document["digest"]:
            raise ValueError(
                f"release digest {document['digest']}: the content has {release.digest()}"
            )
        found = {
            model: {accelerator: manifest.digest() for accelerator, manifest in made.items()}
            for model, made in manifests.items()
        }
        if found != release.models:
            models = found.keys() | release.models.keys()
            wrong = sorted(m for m in models if found.get(m) != release.models.get(m))
            raise ValueError(
                f"release {document['digest']}: manifests do not fit its list: {wrong}"
            )
        chip = document.get("chip", {})
        shown = {artifact: Evidence.from_json(item) for artifact, item in chip.items()}
        return ReleaseContext(release, manifests, shown)
