"""Search a compiled model's server settings through the real Triton."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from catalog.artifact import Verdict
from catalog.spec import ModelSpec
from catalog.target import SearchOptions, Target
from model_build.gates.run import machine
from model_build.measure import percentile
from model_build.package import package
from model_build.search import analyzer, curve
from model_build.search.climb import SPACE, Settings, Space, Trial, climb, nearest
from model_build.search.curve import Curve
from model_build.search.load import closed
from model_build.search.server import Triton, running

CLIENTS = 2
OWN = "clients of our own"


@dataclass(frozen=True)
class Found:
    """The target with the winner's settings, the whole curve, and what the gates say of it."""

    target: Target
    curve: Curve
    verdicts: tuple[Verdict, ...]


def search(
    spec: ModelSpec,
    target: Target,
    compiled: Path,
    folder: Path,
    say: Callable[[str], None] = print,
) -> Found:
    """Climb to the settings of a target that serve the most; takes a few seconds a trial.

    Args:
        spec: The row; its examples are what is asked.
        target: What the model was compiled for, with `options.search`.
        compiled: The compiled model directory.
        folder: Where Triton and archives may lie meanwhile.
        say: Prints a line for each trial.

    Raises:
        NotBuildable: This machine has no server to search with.
    """
    wanted = target.options.search
    assert wanted is not None
    tool = analyzer.find()
    with running(folder / "triton") as triton:
        bench = _Bench(spec, target, compiled, folder / "archives", triton, tool, wanted, say)
        space = space_of(target)
        start = nearest(settings_of(target), space)
        winner, trials = climb(bench.measure, wanted.p99_ms, start, wanted.trials, space)
    found = Curve(
        spec.name,
        target.accelerator,
        wanted.p99_ms,
        winner,
        tuple(trials),
        machine(),
        "perf_analyzer" if tool else OWN,
    )
    verdicts = curve.judge(found, wanted, curve.recorded(spec.name, target.accelerator))
    return Found(target_with(target, winner.settings), found, verdicts)


def space_of(target: Target) -> Space:
    """Return what may be tried: a GPU's engines take no larger batch than they were built for."""
    if target.accelerator == "cpu":
        return SPACE
    most = target.options.max_batch
    return {**SPACE, "max_batch": tuple(n for n in SPACE["max_batch"] if n <= most)}


def settings_of(target: Target) -> Settings:
    """Return a target's own settings, from which a search starts."""
    options = target.options
    return Settings(options.instances, options.max_batch, options.queue_delay_us, CLIENTS)


def target_with(target: Target, settings: Settings) -> Target:
    """Return a target with other server settings."""
    changed = {
        "instances": settings.instances,
        "max_batch": settings.max_batch,
        "queue_delay_us": settings.queue_delay_us,
    }
    return target.model_copy(update={"options": target.options.model_copy(update=changed)})


@dataclass
class _Bench:
    """Measures settings on one server, loading an archive where they differ."""

    spec: ModelSpec
    target: Target
    compiled: Path
    archives: Path
    triton: Triton
    tool: analyzer.Analyzer | None
    wanted: SearchOptions
    say: Callable[[str], None]
    loaded: list[Target] = field(default_factory=list)

    def measure(self, settings: Settings) -> Trial:
        changed = target_with(self.target, settings)
        if self.loaded[-1:] != [changed]:  # the same server for another number of clients
            self.triton.load(package(self.spec, changed, self.compiled, self.archives))
            self.loaded.append(changed)
        trial = self._loaded(settings)
        self.say(f"{self.spec.name}:   {trial.to_json()}")
        return trial

    def _loaded(self, settings: Settings) -> Trial:
        name, rows, seconds = self.spec.name, self.spec.examples, self.wanted.seconds
        clients = settings.concurrency
        if self.tool:
            load = ("--concurrency-range", str(clients))
            found = self.tool.load(self.triton, name, rows, load, seconds)
            return Trial(settings, found.throughput, found.p50_ms, found.p99_ms)
        result = closed(partial(self.triton.asker, name), rows, clients, seconds)
        times = result.milliseconds
        return Trial(settings, result.throughput, percentile(times, 50), percentile(times, 99))
