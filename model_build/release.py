"""A release: composed from the artifacts that a plan's models now have, signed and kept.

Law: the same artifacts from the same commit make the same release.
"""

from collections.abc import Mapping

from catalog.bucket import actions
from catalog.plan import Plan
from catalog.release import Release
from catalog.spec import ModelSpec
from model_build.key import proof_of
from model_build.plan import choose
from model_build.steps import GoldenDigest
from model_build.store import Store, Stored


class IncompleteRelease(Exception):
    """A model of the plan has no artifact, so nothing is released."""


def compose(
    plan: Plan,
    models: Mapping[str, ModelSpec],
    store: Store,
    golden_digest: GoldenDigest,
    previous: str | None = None,
) -> Release:
    """Return the release of a plan: all its items but those left out must be hits by now.

    Raises:
        IncompleteRelease: A model has no artifact for one of its targets, or for none; or the rows
            of a parent were compiled apart.
    """
    chosen: dict[str, dict[str, str]] = {item.model: {} for item in plan.items}
    archives: dict[tuple[str, str], Stored] = {}
    for item in plan.items:
        if item.verb == "left out":
            continue
        spec = models[item.model]
        proof = proof_of(spec, golden_digest(spec.gates.golden))
        stored, reason = choose(store.find(item.key), spec.gates, proof) if item.key else (None, "")
        if stored is None:
            why = item.reason if item.verb == "refused" else reason
            raise IncompleteRelease(
                f"{item.model} for {item.accelerator} has no artifact: {why}; build it first"
            )
        chosen[item.model][item.accelerator] = stored.artifact
        if spec.parent:
            first = archives.setdefault((spec.parent, item.accelerator), stored)
            _check_one_archive(first, stored, store)
    for model, made in chosen.items():
        if not made:
            raise IncompleteRelease(
                f"{model} is built for none of its targets: add a builder of one to pipeline.yaml"
            )
    return Release(chosen, plan.commit, previous)


def _check_one_archive(first: Stored, other: Stored, store: Store) -> None:
    """Refuse rows of one parent whose archives differ: a server loads one of that name."""
    if first.manifest.archive == other.manifest.archive:
        return
    entries = " and ".join(
        f"s3://{store.bucket.name}/{actions(stored.manifest.key)}" for stored in (first, other)
    )
    raise IncompleteRelease(
        f"{first.manifest.model} and {other.manifest.model} for {other.manifest.accelerator} were"
        f" compiled apart, and {other.manifest.archive.path} holds both: to build both anew, delete"
        f" what lies below {entries}, and run again"
    )
