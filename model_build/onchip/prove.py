"""Prove artifacts on their chip: fetch what is asked, ask, judge, and keep the signed evidence."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from catalog import chip
from catalog.artifact import Evidence, Manifest
from catalog.prices import Prices
from catalog.spec import ModelSpec
from model_build.gates import report
from model_build.onchip.host import NotOnChip, ask_here, unpack
from model_build.onchip.judge import judge_chip
from model_build.onchip.questions import FILE_NAME
from model_build.store import Store
from serving.onchip.questions import Questions


class Asked(Protocol):
    """What answers in place of this host: a deployed endpoint."""

    def ask(self, manifest: Manifest, questions: Questions) -> dict[str, Any]:
        """Return what the chip answered."""


@dataclass
class Outcome:
    """What came of it: the artifacts that are proven, stopped by a gate, or not asked, and why."""

    proven: dict[str, str] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    unasked: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True)
class Prover:
    """Proves artifacts.

    Attributes:
        models: The catalog's rows by name; their goals judge.
        store: Where artifacts and evidence are.
        prices: The dated price table.
        endpoint: Whom to ask of an artifact; None where this host is to answer.
        say: Prints a line of progress.
    """

    models: Mapping[str, ModelSpec]
    store: Store
    prices: Prices
    endpoint: Callable[[Manifest], Asked | None] = lambda _: None
    say: Callable[[str], None] = print

    def run(self, artifacts: Mapping[str, Manifest]) -> Outcome:
        """Prove the artifacts that need it, each by itself; return what came of it."""
        outcome = Outcome()
        for artifact, manifest in artifacts.items():
            name = f"{manifest.model} for {manifest.accelerator}"
            if not chip.to_prove(manifest):
                continue
            known = self.store.chip_evidence(artifact)
            if not chip.unproven(manifest, known):
                outcome.proven[name] = f"artifact {artifact[:12]} was proven before"
                self.say(f"{name}: {outcome.proven[name]}")
                continue
            try:
                self._prove(artifact, manifest, name, outcome)
            except NotOnChip as error:
                outcome.unasked[name] = str(error)
                self.say(f"{name}: NOT ASKED: {error}")
        return outcome

    def _prove(self, artifact: str, manifest: Manifest, name: str, outcome: Outcome) -> None:
        spec = self.models[manifest.model]
        self.say(f"{name}: ask artifact {artifact[:12]} on its chip ...")
        with tempfile.TemporaryDirectory(prefix="slipway-onchip-") as folder:
            questions, written = self._ask(manifest, spec, Path(folder))
        evidence = judge_chip(
            spec,
            spec.target(manifest.accelerator),
            manifest,
            questions,
            written,
            self.prices,
        )
        outcome.evidence[name] = evidence
        for verdict in evidence.verdicts:
            mark = "pass" if verdict.passed else "FAIL"
            self.say(f"{name}:   {mark} {verdict.metric}: {verdict.reason}")
        if evidence.passed:
            kept = self.store.put_chip_evidence(artifact, evidence)
            outcome.proven[name] = f"artifact {artifact[:12]}, evidence {kept}"
            return
        self.say(report(spec.name, evidence))
        document = {"artifact": artifact, "evidence": evidence.to_json()}
        kept = self.store.reject(manifest.key, document)
        failed = "; ".join(f"{v.metric}: {v.reason}" for v in evidence.verdicts if not v.passed)
        outcome.stopped[name] = f"{failed} (evidence: {kept})"

    def _ask(
        self, manifest: Manifest, spec: ModelSpec, folder: Path
    ) -> tuple[Questions, dict[str, Any]]:
        sha256 = manifest.evidence.conditions.get(chip.QUESTIONS)
        if not sha256:
            raise NotOnChip(
                f"{manifest.model}: its manifest names no {chip.QUESTIONS}, so nothing is known of"
                " the source's answers: build it again"
            )
        path = folder / FILE_NAME
        self.store.bucket.download_content(str(sha256), path)
        questions = Questions.from_json(json.loads(path.read_text(encoding="utf-8")))
        asked = self.endpoint(manifest)
        if asked is not None:
            return questions, asked.ask(manifest, questions)
        archive = folder / manifest.archive.path
        self.store.bucket.download_content(manifest.archive.sha256, archive)
        model = unpack(archive, folder / "model", manifest.model)
        threads = spec.target(manifest.accelerator).options.threads
        return questions, ask_here(model, path, threads)
