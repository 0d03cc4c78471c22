"""Artifacts: the manifest of compiled bytes and the evidence that they may be served.

A manifest's own digest (of its canonical JSON) is the artifact's identity. Standard library alone.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from catalog import digest


@dataclass(frozen=True)
class FileEntry:
    """One file: its name, the SHA-256 of its bytes (hex) and its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Measurement:
    """A measured value, beside the source model's where there is one.

    `low` and `high` bound the value (95 % interval, or minimum and maximum where `conditions` says
    so).
    """

    metric: str
    value: float
    samples: int
    source: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What a gate said of one metric; `goal` is the row's words, `reason` a sentence."""

    metric: str
    goal: dict[str, float]
    passed: bool
    reason: str


@dataclass(frozen=True)
class Evidence:
    """What was measured before an artifact could exist.

    `conditions` says under what load and settings, `machine` on what, `alternatives` which other
    engines
    were measured (rows of engine, precision, p50_ms, ...), `price` instance, usd_per_hour and date.
    """

    golden: str
    golden_digest: str
    machine: dict[str, Any]
    conditions: dict[str, Any]
    measurements: tuple[Measurement, ...]
    verdicts: tuple[Verdict, ...]
    alternatives: tuple[dict[str, Any], ...] = ()
    price: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Say whether every gate passed; evidence without a verdict has proven nothing."""
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    def measurement(self, metric: str) -> Measurement | None:
        """Return the measurement of a metric, if it was taken."""
        return next((item for item in self.measurements if item.metric == metric), None)

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as a JSON document."""
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Evidence":
        """Read evidence back; `from_json(asdict(e)) == e`."""
        return Evidence(
            **{
                **document,
                "measurements": tuple(Measurement(**item) for item in document["measurements"]),
                "verdicts": tuple(Verdict(**item) for item in document["verdicts"]),
                "alternatives": tuple(document.get("alternatives", ())),
            }
        )


@dataclass(frozen=True)
class Example:
    """A smoke example: what `verify_release` sends and the answer it must get.

    For images `input` is base64 text. Numbers in `output` are compared with a tolerance of 0.02.
    """

    input: Any
    output: Any


@dataclass(frozen=True)
class Manifest:
    """Everything about one artifact: a (model, target) pair compiled once and for all.

    `runtime_image` (`slipway/<runtime>:<tag>`) and `architecture` are the tuple that must fit
    where it is served. `baseline` names what its traffic is held against, each file by its digest.
    """

    model: str
    task: str
    family: str
    accelerator: str
    architecture: str
    precision: str
    engine: str
    key: str
    key_inputs: dict[str, Any]
    toolchain: dict[str, str]
    runtime_image: str
    serve: dict[str, str]
    archive: FileEntry
    files: tuple[FileEntry, ...]
    evidence: Evidence
    examples: tuple[Example, ...]
    provenance: dict[str, str]
    baseline: tuple[FileEntry, ...] = ()

    @property
    def runtime(self) -> str:
        """Return the server's name, such as `torchserve`, whichever chip its image is for."""
        return self.runtime_image.removeprefix("slipway/").split(":")[0].partition("-")[0]

    @property
    def parent(self) -> str:
        """Return the name of the parent that the archive holds, empty for a model served alone."""
        return str(self.key_inputs.get("parent", {}).get("name") or "")

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as a JSON document; one without a baseline says nothing of it."""
        document = asdict(self)
        if not self.baseline:
            del document["baseline"]  # as in artifacts made before there were any
        return document

    def digest(self) -> str:
        """Return the artifact's digest, 64 hex characters."""
        return digest.of_document(self.to_json())

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Manifest":
        """Read a manifest back; `from_json(m.to_json()) == m`.

        Raises:
            KeyError, TypeError: The document is no manifest.
        """
        return Manifest(
            **{
                **document,
                "archive": FileEntry(**document["archive"]),
                "files": tuple(FileEntry(**item) for item in document["files"]),
                "evidence": Evidence.from_json(document["evidence"]),
                "examples": tuple(Example(**item) for item in document["examples"]),
                "baseline": tuple(FileEntry(**item) for item in document.get("baseline", ())),
            }
        )
