"""The build: for each miss of a plan, load, compile, gate, package and publish.

Invariants: nothing is published before its gates passed; the action entry is written last, so a
build that is killed leaves either a whole artifact or none, and a rerun finishes the rest. One
model that is stopped does not keep the others from being built.
"""

import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from catalog import digest
from catalog.artifact import Evidence, FileEntry, Manifest
from catalog.bucket import CorruptArtifact
from catalog.chip import QUESTIONS
from catalog.plan import Plan, PlanItem
from catalog.spec import ModelSpec, Target
from model_build.key import ROOT, Key, compile_key, proof_of
from model_build.plan import choose
from model_build.steps import Compiled, NotBuildable, Steps
from model_build.store import Store
from serving.runtime.parent import shipped

Say = Callable[[str], None]


class GateFailure(Exception):
    """A compiled model did not pass its gates; its evidence is kept."""


@dataclass
class Outcome:
    """What a build did: artifact digests by model, and reasons by model that was stopped."""

    compiled: dict[str, str] = field(default_factory=dict)
    reused: dict[str, str] = field(default_factory=dict)
    gated: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def summary(self) -> str:
        """Return the last line that a build prints."""
        stopped = len(self.gated) + len(self.failed)
        return f"compiled {len(self.compiled)}, reused {len(self.reused)}, stopped {stopped}"


@dataclass(frozen=True)
class Builder:
    """Builds what a plan names.

    Attributes:
        models: The catalog's rows by name.
        store: Where artifacts go.
        steps: What compiles, gates and packages.
        provenance: Said in every manifest, such as the build's id.
        say: Prints a line of progress.
        root: The repository.
    """

    models: Mapping[str, ModelSpec]
    store: Store
    steps: Steps
    provenance: Mapping[str, str] = field(default_factory=dict)
    say: Say = print
    root: Path = ROOT

    def run(self, plan: Plan, accelerator: str, only: str | None = None) -> Outcome:
        """Attempt every item of an accelerator, or one model's, and return what came of it."""
        outcome = Outcome()
        own: tuple[type[Exception], ...] = (NotBuildable, CorruptArtifact)
        expected = own + self.steps.expected
        for item in plan.items:
            if item.accelerator != accelerator or only not in (None, item.model):
                continue
            try:
                self._attempt(item, plan.commit, outcome)
            except GateFailure as error:
                outcome.gated[item.model] = str(error)
                self.say(f"{item.model}: STOPPED by its gates: {error}")
            except expected as error:
                outcome.failed[item.model] = str(error).replace(f"{self.root}/", "")
                self.say(f"{item.model}: FAILED: {outcome.failed[item.model]}")
            except Exception as error:
                outcome.failed[item.model] = f"{type(error).__name__}: {error}"
                self.say(f"{item.model}: FAILED: {traceback.format_exc()}")
        return outcome

    def _attempt(self, item: PlanItem, commit: str, outcome: Outcome) -> None:
        if item.verb == "refused":
            raise NotBuildable(f"the plan refused it: {item.reason}")
        if item.verb == "hit":
            outcome.reused[item.model] = str(item.manifest)
            self.say(f"{item.model}: reused, {item.reason}")
            return
        spec = self.models[item.model]
        target = spec.target(item.accelerator)
        key = compile_key(spec, target, self.root)
        if key.digest != item.key:
            raise NotBuildable(
                f"the plan has key {item.key[:12]}, here it is {key.digest[:12]}: the plan is of "
                "other sources or another toolchain; make a new one"
            )
        proof = proof_of(spec, self.steps.golden(spec.gates.golden).digest)
        stored, reason = choose(self.store.find(key.digest), spec.gates, proof)
        if stored is not None:
            outcome.reused[item.model] = stored.artifact
            self.say(f"{item.model}: reused, built since the plan was made: {reason}")
            return
        with tempfile.TemporaryDirectory(prefix=f"slipway-{item.model}-") as folder:
            outcome.compiled[item.model] = self._build(spec, target, key, commit, Path(folder))

    def _build(self, spec: ModelSpec, target: Target, key: Key, commit: str, folder: Path) -> str:
        with self._step(spec.name, "load the source model"):
            source = self.steps.load_source(spec, self.root)
        with self._step(spec.name, f"compile for {target.accelerator}"):
            compiled = self.steps.compile(spec, target, source, folder / "compiled")
        golden = self.steps.golden(spec.gates.golden)
        with self._step(spec.name, f"gate on {len(golden.inputs)} golden questions"):
            judged = compiled.twin or compiled.directory
            evidence = self.steps.gate(
                spec, target, source, judged, golden, compiled.twin is not None
            )
            evidence = replace(evidence, alternatives=tuple(compiled.alternatives))
        if evidence.passed and target.options.search and compiled.twin is None:
            with self._step(spec.name, "search the server's settings"):
                found = self.steps.search(spec, target, compiled.directory, folder, self.say)
            target = found.target
            evidence = replace(
                evidence,
                conditions={**evidence.conditions, "search": found.curve.to_json()},
                verdicts=(*evidence.verdicts, *found.verdicts),
            )
        for verdict in evidence.verdicts:
            mark = "pass" if verdict.passed else "FAIL"
            self.say(f"{spec.name}:   {mark} {verdict.metric}: {verdict.reason}")
        if not evidence.passed:
            raise self._stopped(spec, key, evidence)
        if compiled.twin is not None:
            with self._step(spec.name, "keep questions for the gate on the chip"):
                asked = self.steps.questions(spec, target, source, golden, folder)
                kept = {QUESTIONS: self.store.bucket.put_content(asked)}
            evidence = replace(evidence, conditions={**evidence.conditions, **kept})
        with self._step(spec.name, "package"):
            archive = self.steps.package(spec, target, compiled.directory, folder)
            examples = self.steps.examples(spec, judged, golden)
        with self._step(spec.name, "make its baseline"):
            baseline = self.steps.baseline(golden, judged, folder)
        manifest = Manifest(
            model=spec.name,
            task=spec.task,
            family=spec.family,
            accelerator=target.accelerator,
            architecture=target.architecture,
            precision=compiled.precision,
            engine=compiled.engine,
            key=key.digest,
            key_inputs=key.inputs,
            toolchain=key.inputs["toolchain"],
            runtime_image=key.inputs["runtime_image"],
            serve={"kind": spec.serve.kind, "name": spec.serve.name},
            archive=_entry(archive, archive.parent),
            files=_files(compiled),
            evidence=evidence,
            examples=examples,
            provenance={"commit": commit, **self.provenance},
            baseline=tuple(_entry(path, folder) for path in baseline),
        )
        with self._step(spec.name, "sign and publish"):
            proof = proof_of(spec, golden.digest)
            return self.store.publish(manifest, archive, proof, beside=baseline)

    def _stopped(self, spec: ModelSpec, key: Key, evidence: Evidence) -> GateFailure:
        self.say(self.steps.report(spec.name, evidence))
        document = {"model": spec.name, "key": key.inputs, "evidence": asdict(evidence)}
        kept = self.store.reject(key.digest, document)
        failed = [f"{v.metric}: {v.reason}" for v in evidence.verdicts if not v.passed]
        told = "; ".join(failed or ["no gate gave a verdict"])
        return GateFailure(f"{told}{_busy(evidence)} (evidence: {kept})")

    @contextmanager
    def _step(self, model: str, words: str) -> Iterator[None]:
        self.say(f"{model}: {words} ...")
        started = time.monotonic()
        yield
        self.say(f"{model}: {words}: {time.monotonic() - started:.1f} s")


def _busy(evidence: Evidence) -> str:
    """Say so where other jobs had the machine, which a gate of speed cannot tell from the model."""
    load, cores = evidence.conditions.get("load_average", 0), evidence.machine.get("cores", 0)
    if load <= 2 * cores:
        return ""
    return f"; the machine was busy (load {load} on {cores} cores): build again when it is not"


def _entry(path: Path, root: Path) -> FileEntry:
    return FileEntry(path.relative_to(root).as_posix(), digest.of_file(path), path.stat().st_size)


def _files(compiled: Compiled) -> tuple[FileEntry, ...]:
    root = shipped(compiled.directory)
    return tuple(_entry(path, root) for path in sorted(root.rglob("*")) if path.is_file())
