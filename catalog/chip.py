"""Evidence from the chip: what a build on a CPU must leave open, measured where the graphs run.

An artifact for NeuronCores is compiled on a machine without one. Its manifest says so: `twin` in
the conditions of its evidence (its answers were judged on the CPU, by the same graphs before they
were compiled) and `pending` (metrics nobody measured). What the chip then shows is a document of
its own, since a manifest never changes: evidence as everywhere, signed, under the artifact's
digest. Standard library alone.
"""

from collections.abc import Mapping
from typing import Any

from catalog.artifact import Evidence, Manifest

QUESTIONS = "questions_sha256"
"""Where the conditions of a manifest name what its chip will be asked: the digest of content."""

OF_A_SERVICE = "served_"
"""How the metrics begin that need a whole service, not a model."""

CHIP_EVIDENCE_TYPE = "application/vnd.slipway.chip-evidence+json"


def evidence_key(artifact: str) -> str:
    """Return where the signed evidence of an artifact from a chip lies."""
    return f"evidence/{artifact}.json"


def to_prove(manifest: Manifest) -> tuple[str, ...]:
    """Return the metrics that only a chip can prove, sorted; none where the build could run it.

    What a service bears as a whole is not among them: no model shows it alone. Its load test does.
    """
    conditions = manifest.evidence.conditions
    if not conditions.get("pending") and "twin" not in conditions:
        return ()
    judged = {verdict.metric for verdict in manifest.evidence.verdicts}
    asked = judged | set(conditions.get("pending", ()))
    return tuple(sorted(metric for metric in asked if not metric.startswith(OF_A_SERVICE)))


def unproven(manifest: Manifest, chip: Evidence | None) -> tuple[str, ...]:
    """Return the metrics that a chip has still to prove, given what one has shown."""
    passed = {verdict.metric for verdict in chip.verdicts if verdict.passed} if chip else set()
    return tuple(metric for metric in to_prove(manifest) if metric not in passed)


def document(artifact: str, evidence: Evidence) -> dict[str, Any]:
    """Return the JSON document that is signed."""
    return {"artifact": artifact, "evidence": evidence.to_json()}


def read_document(content: Mapping[str, Any], artifact: str) -> Evidence:
    """Return the evidence in a document.

    Raises:
        ValueError: It is about another artifact.
    """
    if content["artifact"] != artifact:
        raise ValueError(f"chip evidence of {content['artifact']}, not of artifact {artifact}")
    return Evidence.from_json(dict(content["evidence"]))
