"""Hill climbing over a server's settings: the most throughput whose p99 keeps to an objective.

Pure: what a trial measures is the caller's. A step is to the best neighbour, one setting changed by
one notch; it ends where no neighbour is better by more than `GAIN`, nor when tried once more: what
disturbs a trial only ever slows it, and would end the climb on a slope.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

GAIN = 1.02
Space = Mapping[str, tuple[int, ...]]
# What changes most comes first: trials are few.
SPACE: Space = {
    "concurrency": (1, 2, 4, 8, 16, 32),
    "instances": (1, 2, 3, 4),
    "max_batch": (1, 2, 4, 8, 16, 32, 64),
    "queue_delay_us": (0, 100, 200, 500, 1000, 2000),
}


@dataclass(frozen=True)
class Settings:
    """One configuration; `concurrency` is the clients', the rest the server's."""

    instances: int = 1
    max_batch: int = 8
    queue_delay_us: int = 0
    concurrency: int = 2


@dataclass(frozen=True)
class Trial:
    """What a configuration reached; times in milliseconds, throughput a second."""

    settings: Settings
    throughput: float
    p50_ms: float
    p99_ms: float

    def to_json(self) -> dict[str, Any]:
        """Return one flat row."""
        found = {"throughput": self.throughput, "p50_ms": self.p50_ms, "p99_ms": self.p99_ms}
        return {**asdict(self.settings), **{key: round(value, 2) for key, value in found.items()}}


Measure = Callable[[Settings], Trial]


def climb(
    measure: Measure,
    objective_ms: float,
    start: Settings,
    most_trials: int = 40,
    space: Space = SPACE,
) -> tuple[Trial, list[Trial]]:
    """Return the winner and all trials in order.

    Args:
        measure: Runs one configuration.
        objective_ms: The p99 that must hold; nearest to it wins where none does.
        start: The first configuration.
        most_trials: Measure no more often than this.
        space: The notches of each setting.
    """
    best = measure(start)
    trials = [best]

    def worth(trial: Trial) -> float:
        return score(trial, objective_ms)

    def tried(settings: Settings, times: int) -> Trial | None:
        own = [trial for trial in trials if trial.settings == settings]
        if len(own) < times and len(trials) < most_trials:
            own.append(measure(settings))
            trials.append(own[-1])
        return max(own, key=worth, default=None)

    def top(around: Trial, times: int) -> Trial:
        found = (tried(each, times) for each in neighbours(around.settings, space))
        return max(filter(None, found), key=worth, default=around)

    while True:
        for times in (1, 2):  # the second look is taken only where the first found nothing
            found = top(best, times)
            if worth(found) > _bar(worth(best)):
                best = found
                break
        else:
            return best, trials


def nearest(settings: Settings, space: Space = SPACE) -> Settings:
    """Return the configuration of the space that is nearest to a given one."""
    return Settings(
        **{
            name: min(notches, key=lambda notch: abs(notch - getattr(settings, name)))
            for name, notches in space.items()
        }
    )


def neighbours(settings: Settings, space: Space = SPACE) -> Iterator[Settings]:
    """Yield configurations that differ in one setting by one notch."""
    for name, notches in space.items():
        place = notches.index(getattr(settings, name))
        for other in (place - 1, place + 1):
            if 0 <= other < len(notches):
                yield replace(settings, **{name: notches[other]})


def score(trial: Trial, objective_ms: float) -> float:
    """Return what is climbed: throughput where the objective holds, else less than zero."""
    if trial.p99_ms <= objective_ms:
        return trial.throughput
    return 1.0 - trial.p99_ms / objective_ms


def _bar(best: float) -> float:
    """Return the score that a neighbour of the best must pass; noise is no reason to go on."""
    return best * GAIN if best > 0 else best
