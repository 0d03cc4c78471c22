"""The plan: for each (model, target), whether an artifact exists for its key and still passes.

A hit is an artifact that is whole (signature, digests) and whose evidence, taken on today's golden
set under today's load, passes today's goals. Everything else is built, or refused with a reason.
Nothing is compiled and no engine is imported here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from catalog.environment import Environment
from catalog.goals import judge
from catalog.instances import instance
from catalog.plan import Plan, PlanItem
from catalog.spec import Gates, ModelSpec, Target
from model_build.key import ROOT, Key, MissingCompiler, Proof, compile_key, proof_of
from model_build.sources.weights import WrongWeights, verified_folder
from model_build.store import Store, Stored

ANY = "any"
"""What the tasks of a service on Fargate run on: a CPU of AWS's choice."""


def make_plan(
    models: Mapping[str, ModelSpec],
    store: Store,
    commit: str,
    *,
    environments: Collection[Environment],
    builders: Collection[str],
    compilers: Collection[str],
    golden_digest: Callable[[str], str],
    check_weights: Callable[[ModelSpec, Path], object] = verified_folder,
    root: Path = ROOT,
) -> Plan:
    """Return the plan of the whole catalog.

    Args:
        models: The catalog's rows by name.
        store: Where artifacts are.
        commit: The commit that the rows are from.
        environments: Those that the pipeline promotes through.
        builders: The accelerators that this tooling builds for; other targets are left out.
        compilers: The accelerators that there is a compiler for.
        golden_digest: Returns the digest of a golden set by name, as it is now.
        check_weights: Raises `WrongWeights` unless a row's weights are those that it names.
        root: The repository.

    Raises:
        CorruptArtifact: An artifact in the store is not what was stored.
    """
    items = []
    for _, spec in sorted(models.items()):
        for target in spec.targets:
            if target.accelerator not in builders:
                reason = f"pipeline.yaml has no builder for {target.accelerator}"
                items.append(_item(spec, target, Key("", {}), "left out", reason))
                continue
            try:
                check_weights(spec, root)  # else new weights under an old row would be a hit
                key = compile_key(spec, target, root)
            except (MissingCompiler, WrongWeights) as error:
                reason = str(error).replace(f"{root}/", "")
                items.append(_item(spec, target, Key("", {}), "refused", reason))
                continue
            reason = unfit(spec, target, key, environments, compilers)
            if reason:
                items.append(_item(spec, target, key, "refused", reason))
                continue
            proof = proof_of(spec, golden_digest(spec.gates.golden))
            items.append(_look_up(spec, target, key, proof, store))
    return Plan(commit, tuple(items))


def _look_up(spec: ModelSpec, target: Target, key: Key, proof: Proof, store: Store) -> PlanItem:
    found = store.find(key.digest)
    fit, reason = choose(found, spec.gates, proof)
    if fit is None:
        return _item(spec, target, key, "build", reason)
    return _item(spec, target, key, "hit", reason, fit.artifact)


def choose(found: Iterable[Stored], gates: Gates, proof: Proof) -> tuple[Stored | None, str]:
    """Return the first artifact whose evidence satisfies today's gates, and why or why not."""
    reason = "no artifact has this key"
    for stored in found:
        reason = objection(stored, gates, proof)
        if not reason:
            return stored, f"artifact {stored.artifact[:12]} is whole and passes today's gates"
    return None, reason


def objection(stored: Stored, gates: Gates, proof: Proof) -> str:
    """Return why an artifact's evidence does not satisfy today's gates, or an empty string."""
    if stored.golden_digest != proof.golden_digest:
        return f"golden set {gates.golden!r} has changed since artifact {stored.artifact[:12]}"
    if stored.load != proof.load:
        return f"artifact {stored.artifact[:12]} was measured under another load: {stored.load}"
    evidence = stored.manifest.evidence
    pending = evidence.conditions.get("pending", ())
    for metric, goal in sorted(gates.metrics.items()):
        if metric in pending:  # for the gate on the chip to judge, before it may be promoted
            continue
        measurement = evidence.measurement(metric)
        if measurement is None:
            return f"{metric} was not measured on artifact {stored.artifact[:12]}"
        if measurement.source is None and goal.words().keys() - {"threshold"}:
            return f"{metric} of the source model was not measured beside {stored.artifact[:12]}"
        verdict = judge(goal, measurement)
        if not verdict.passed:
            return f"artifact {stored.artifact[:12]} fails today's gate: {metric} {verdict.reason}"
    return ""


def unfit(
    spec: ModelSpec,
    target: Target,
    key: Key,
    environments: Collection[Environment],
    compilers: Collection[str],
) -> str:
    """Return why nothing could compile or serve this target, or an empty string."""
    if target.accelerator not in compilers:
        known = ", ".join(sorted(compilers)) or "none"
        return f"no compiler for accelerator {target.accelerator!r} (there is: {known})"
    offers = {environment.name: _offers(spec, environment) for environment in environments}
    if not any(_takes(offer, target) for offer in offers.values()):
        listed = ", ".join(f"{name}: {' and '.join(o)}" for name, o in sorted(offers.items()))
        return (
            f"compiled for ({_made_for(target, key)}), but no environment serves"
            f" {spec.serve.name!r} on it ({listed}): change the target's instance or an"
            " environment's"
        )
    return ""


def _made_for(target: Target, key: Key) -> str:
    """Return what an artifact is bound to: the image, the architecture, a GPU's TensorRT."""
    version = key.inputs["toolchain"].get("tensorrt")
    engine = f", tensorrt {version}" if version else ""
    return f"{key.inputs['runtime_image']}, {target.architecture}{engine}"


def _takes(offers: Collection[str], target: Target) -> bool:
    return target.architecture in offers or (ANY in offers and target.accelerator == "cpu")


def _offers(spec: ModelSpec, environment: Environment) -> list[str]:
    """Return the architectures on which an environment serves a model, online and in batch."""
    machines = {str(name): size.instance for name, size in environment.batch.items()}
    found = [machines[spec.name]] if spec.name in machines else []
    hosts = {str(name): size.instance or ANY for name, size in environment.services.items()}
    if spec.serve.kind == "endpoint":
        hosts = {str(name): size.instance for name, size in environment.endpoints.items()}
    found += [hosts[spec.serve.name]] if spec.serve.name in hosts else []
    offers = {ANY if name == ANY else instance(name).architecture for name in found}
    return sorted(offers) or ["nothing"]


def _item(
    spec: ModelSpec, target: Target, key: Key, verb: str, reason: str, artifact: str | None = None
) -> PlanItem:
    return PlanItem(
        model=spec.name,
        accelerator=target.accelerator,
        key=key.digest,
        key_inputs=key.inputs,
        verb=verb,  # type: ignore[arg-type]
        reason=reason,
        manifest=artifact,
    )


def table(plan: Plan) -> str:
    """Return the plan as lines for people."""
    rows = [("MODEL", "TARGET", "KEY", "DO", "WHY")]
    rows += [(i.model, i.accelerator, i.key[:12], i.verb, _brief(i)) for i in plan.items]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[4]]))
    return "\n".join(lines)


def _brief(item: PlanItem) -> str:
    return "see below" if item.verb == "refused" else item.reason
