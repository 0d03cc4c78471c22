"""What every compiler takes and gives."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from catalog.spec import ModelSpec, Target
from model_build.sources import Source


class ImpossibleTarget(Exception):
    """A target asks for what its compiler cannot make; the message names key, value and remedy."""


@dataclass(frozen=True)
class Candidate:
    """One way to compile a model: `write` puts the engine's files into an empty directory."""

    engine: str
    precision: str
    write: Callable[[Path], None]

    @property
    def name(self) -> str:
        """Return the name that tables and directories use."""
        return f"{self.engine}-{self.precision}"


@dataclass(frozen=True)
class CompiledModel:
    """A compiled model directory and how it was chosen.

    `twin` is a directory that this machine can run in place of one that it cannot: the same graphs,
    with the chip's casts, on the CPU. Its answers are judged here, its speed is nobody's.
    Each row of `alternatives` has engine, precision, p50_ms, fidelity, fidelity_metric, bytes and
    chosen; the rows are in order of preference, the winner among them.
    """

    directory: Path
    engine: str
    precision: str
    alternatives: tuple[dict[str, Any], ...]
    twin: Path | None = None


class Compiler(Protocol):
    """Compiles for one accelerator."""

    def compile(
        self, spec: ModelSpec, target: Target, source: Source, workdir: Path
    ) -> CompiledModel:
        """Return the compiled model; its directory lies in `workdir`.

        Raises:
            ImpossibleTarget: The target's precision or options cannot be met.
        """
