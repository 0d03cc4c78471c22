"""The command line of the build: `python -m model_build plan | build | release | search`.

CodeBuild calls the first three. Names of the bucket and the key come from the environment that the
project's stack sets; everything else from the catalog. Exit codes are documented in `EXIT`.
"""

import argparse
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from catalog.instances import Accelerator
from catalog.load import CatalogError, load_environment, load_models, load_pipeline
from catalog.plan import Plan
from catalog.signature import kms_sign, kms_verify
from model_build.golden_index import GoldenIndex
from model_build.key import ROOT
from model_build.plan import make_plan, table
from model_build.sources.weights import verified_folder as check_weights
from model_build.store import Store

EXIT = {
    "done": 0,
    "failed": 1,
    "malformed catalog or settings": 2,
    "stopped by a gate": 3,
    "corrupt artifact": 4,
}


class MissingSetting(Exception):
    """An environment variable that the stack sets is not there."""


@dataclass(frozen=True)
class Settings:
    """What the build project's stack tells the build."""

    artifact_bucket: str
    signing_key: str

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings.

        Raises:
            MissingSetting: One is not set.
        """
        return Settings(_setting("SLIPWAY_ARTIFACT_BUCKET"), _setting("SLIPWAY_SIGNING_KEY"))

    def store(self) -> Store:
        """Open the artifact store, for reading and signing."""
        import boto3  # 0.3 s that a malformed catalog need not wait for

        session = boto3.Session()
        kms: Any = session.client("kms")
        return Store(
            self.artifact_bucket,
            session.client("s3"),
            kms_verify(kms, self.signing_key),
            kms_sign(kms, self.signing_key),
        )


def plan(arguments: argparse.Namespace) -> int:
    """Make the plan, print it and write it."""
    started = time.monotonic()
    models = load_models()
    pipeline = load_pipeline()
    environments = [load_environment(name) for name in pipeline.environments]
    store = Settings.from_environment().store()
    made = make_plan(
        models,
        store,
        commit(arguments.commit),
        environments=environments,
        builders=pipeline.builders,
        compilers=accelerators(),
        golden_digest=GoldenIndex(store.bucket, ROOT),
        check_weights=check_weights,
        root=ROOT,
    )
    write_json(arguments.out, made.to_json())
    verbs = [item.verb for item in made.items]
    print(table(made))
    print(
        f"plan: {verbs.count('hit')} to reuse, {verbs.count('build')} to build, "
        f"{verbs.count('refused')} refused, in {time.monotonic() - started:.1f} s"
    )
    for item in made.items:
        if item.verb == "refused":
            print(f"refused: {item.model} for {item.accelerator}: {item.reason}")
    return EXIT["failed"] if "refused" in verbs else EXIT["done"]


def build(arguments: argparse.Namespace) -> int:
    """Build what the plan says for one accelerator."""
    models = load_models()
    to_do = read_plan(arguments.plan)
    store = Settings.from_environment().store()
    from model_build import steps
    from model_build.build import Builder

    provenance = {"build": os.environ.get("CODEBUILD_BUILD_ID", "by hand")}
    builder = Builder(models, store, steps.real_steps(), provenance, _say, ROOT)
    outcome = builder.run(to_do, arguments.accelerator, arguments.model)
    for model, reason in sorted({**outcome.gated, **outcome.failed}.items()):
        print(f"stopped: {model}: {reason}")
    print(outcome.summary())
    if outcome.gated:
        return EXIT["stopped by a gate"]
    return EXIT["failed"] if outcome.failed else EXIT["done"]


def release(arguments: argparse.Namespace) -> int:
    """Compose, sign and keep the release of a plan."""
    models = load_models()
    made = read_plan(arguments.plan)
    store = Settings.from_environment().store()
    from model_build.release import compose

    if arguments.commit:
        made = Plan(arguments.commit, made.items)
    index = GoldenIndex(store.bucket, ROOT)
    composed = compose(made, models, store, index, arguments.previous)
    hexadecimal = store.put_release(composed)
    arguments.out.write_text(f"{hexadecimal}\n")
    for model, artifacts in composed.models.items():
        for accelerator, artifact in artifacts.items():
            print(f"{model}  {accelerator}  {artifact}")
    print(f"release {hexadecimal}")
    return EXIT["done"]


def search(arguments: argparse.Namespace) -> int:
    """Search a model's server settings by hand."""
    models = load_models()
    if arguments.model not in models:
        raise CatalogError(f"no model {arguments.model!r}: use one of {', '.join(sorted(models))}")
    from model_build.search.command import run

    return EXIT["done"] if run(models[arguments.model], arguments) else EXIT["stopped by a gate"]


def accelerators(root: Path = ROOT) -> set[str]:
    """Return the accelerators with a compiler, each a module of that name; imports none."""
    known: tuple[str, ...] = get_args(Accelerator)
    return {name for name in known if (root / "model_build/compilers" / f"{name}.py").exists()}


def read_plan(path: Path) -> Plan:
    """Read a plan that `plan --out` wrote."""
    return Plan.from_json(json.loads(path.read_text()))


def write_json(path: Path, document: Any) -> None:
    """Write a document so that people can read it too."""
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def commit(given: str | None) -> str:
    """Return the commit that is built: as given, as CodeBuild says, or as git says."""
    named = given or os.environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION")
    if named:
        return named
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise MissingSetting(f"{name}: not set; the stack of the build project sets it")
    return value


def _say(line: str) -> None:
    print(line, flush=True)


def expected() -> tuple[type[Exception], ...]:
    """Return the errors whose message says all, so that no trace is shown."""
    from model_build.release import IncompleteRelease
    from model_build.steps import NotBuildable

    return (IncompleteRelease, FileNotFoundError, NotBuildable)
