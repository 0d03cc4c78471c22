"""What a registry version says of an artifact; pure."""

from catalog.artifact import Manifest, Measurement

VALUE_LIMIT = 256
PROPERTY_LIMIT = 50


def group(model: str) -> str:
    """Return the name of a model's package group."""
    return f"slipway-{model}"


def purpose(model: str) -> str:
    """Return what a model's group is for."""
    return f"Artifacts of the model {model}: a version for each that a release held."


def description(artifact: str) -> str:
    """Return a version's description, by which its artifact is known."""
    return f"artifact sha256:{artifact}"


def properties(artifact: str, manifest: Manifest) -> dict[str, str]:
    """Return a version's metadata: identity, tuple, and a summary of its evidence."""
    found = {
        "artifact": artifact,
        "key": manifest.key,
        "archive": manifest.archive.sha256,
        "archive_bytes": str(manifest.archive.size),
        "engine": manifest.engine,
        "precision": manifest.precision,
        "accelerator": manifest.accelerator,
        "architecture": manifest.architecture,
        "runtime_image": manifest.runtime_image,
        "commit": manifest.provenance.get("commit", "unknown"),
        "golden": manifest.evidence.golden,
        "golden_digest": manifest.evidence.golden_digest,
        **{f"metric/{item.metric}": _words(item) for item in manifest.evidence.measurements},
    }
    return {name: value[:VALUE_LIMIT] for name, value in list(found.items())[:PROPERTY_LIMIT]}


def _words(item: Measurement) -> str:
    source = "" if item.source is None else f" (source {item.source:.6g})"
    return f"{item.value:.6g}{source} on {item.samples} samples"
