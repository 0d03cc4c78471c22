"""The steps of a build as values, so that a build can be run with others than the real ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from catalog.artifact import Evidence, Example, Verdict
from catalog.spec import ModelSpec, Target
from model_build.golden import GoldenSet

Say = Callable[[str], None]
GoldenDigest = Callable[[str], str]
"""Returns the digest of a golden set by name, as it is now."""


class NotBuildable(Exception):
    """A row, a plan or a target that cannot be built; the message says why and the remedy."""


class Compiled(Protocol):
    """What a compiler returns: the compiled model directory and how it came about."""

    @property
    def directory(self) -> Path:
        """The compiled model directory."""

    @property
    def twin(self) -> Path | None:
        """What is judged in its place, where this machine cannot run it."""

    @property
    def engine(self) -> str:
        """The engine that was chosen."""

    @property
    def precision(self) -> str:
        """The precision that was chosen."""

    @property
    def alternatives(self) -> Sequence[dict[str, Any]]:
        """The other engines that were measured."""


class Searched(Protocol):
    """What a configuration search returns."""

    @property
    def target(self) -> Target:
        """The target with the winner's settings."""

    @property
    def curve(self) -> Any:
        """Every trial; `to_json()` is the document."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the gates say of the winner."""


def _no_questions(spec: ModelSpec, *_: object) -> Path:
    raise NotBuildable(f"{spec.name}: these steps know nothing to ask a chip")


@dataclass(frozen=True)
class Steps:
    """What makes an artifact, and the golden sets it is judged on.

    `expected` are the errors whose message says all, so that nobody needs a trace.
    """

    load_source: Callable[[ModelSpec, Path], Any]
    compile: Callable[[ModelSpec, Target, Any, Path], Compiled]
    golden: Callable[[str], GoldenSet]
    gate: Callable[[ModelSpec, Target, Any, Path, GoldenSet, bool], Evidence]
    report: Callable[[str, Evidence], str]
    package: Callable[[ModelSpec, Target, Path, Path], Path]
    examples: Callable[[ModelSpec, Path, GoldenSet], tuple[Example, ...]]
    search: Callable[[ModelSpec, Target, Path, Path, Say], Searched]
    expected: tuple[type[Exception], ...] = ()
    baseline: Callable[[GoldenSet, Path, Path], Sequence[Path]] = lambda *_: ()
    questions: Callable[[ModelSpec, Target, Any, GoldenSet, Path], Path] = _no_questions


def real_steps() -> Steps:
    """Return the steps that the pipeline runs; imports torch and the engines."""
    from catalog.load import load_prices
    from model_build import golden
    from model_build.baseline import write_baseline
    from model_build.compilers import COMPILERS, ImpossibleTarget
    from model_build.gates import report, run_gates, smoke_examples
    from model_build.onchip.questions import make_questions, write_questions
    from model_build.package import package
    from model_build.sources import WrongWeights, load_source

    def compile_for(spec: ModelSpec, target: Target, source: Any, workdir: Path) -> Compiled:
        workdir.mkdir()
        compiled: Compiled = COMPILERS[target.accelerator].compile(spec, target, source, workdir)
        return compiled

    def questions(
        spec: ModelSpec, target: Target, source: Any, golden_set: GoldenSet, folder: Path
    ) -> Path:
        return write_questions(make_questions(spec, target, source, golden_set), folder)

    def gate(
        spec: ModelSpec,
        target: Target,
        source: Any,
        directory: Path,
        golden_set: GoldenSet,
        twin: bool,
    ) -> Evidence:
        try:
            prices = load_prices()
            return run_gates(spec, target, source, directory, golden_set, prices, twin=twin)
        except ValueError as error:  # gates that do not fit the task, an instance without a price
            raise NotBuildable(str(error)) from error

    def searched(
        spec: ModelSpec, target: Target, directory: Path, folder: Path, say: Say
    ) -> Searched:
        from model_build.search.run import search  # needs a client that few builders have

        return search(spec, target, directory, folder, say)

    return Steps(
        load_source=load_source,
        compile=compile_for,
        golden=golden.load,
        gate=gate,
        report=report,
        package=package,
        examples=smoke_examples,
        questions=questions,
        search=searched,
        expected=(WrongWeights, ImpossibleTarget),
        baseline=write_baseline,
    )
