"""Run every gate of a row on a compiled model directory."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.artifact import Evidence, Measurement, Verdict
from catalog.goals import judge
from catalog.prices import Prices
from catalog.spec import ModelSpec, Target
from model_build.gates.parity import is_finite, measure_parity
from model_build.gates.questions import Answers, ask
from model_build.gates.served import SERVED, measure_served
from model_build.gates.speed import SPEED, measure_speed
from model_build.gates.worst import worst_examples
from model_build.golden import GoldenSet
from model_build.sources import Source
from serving.runtime import load


def run_gates(
    spec: ModelSpec,
    target: Target,
    source: Source,
    compiled: Path,
    golden: GoldenSet,
    prices: Prices,
    alternatives: Sequence[dict[str, Any]] = (),
    *,
    twin: bool = False,
) -> Evidence:
    """Measure a compiled model beside its source and judge it by the row's goals.

    The model is loaded as it is served, through `serving.runtime`. When a gate fails, the worst
    examples are kept in `conditions["worst"]`; `report` puts them into words.

    Args:
        spec: The row, with goals and load.
        target: What the directory was compiled for.
        source: The eager model.
        compiled: The compiled model directory.
        golden: The golden set that the row names.
        prices: The dated price table.
        alternatives: The compiler's table of candidates, to keep with the evidence.
        twin: `compiled` stands for graphs that only a chip can run: its answers are judged, and
            the goals for speed and cost are left `pending` for the gate on the chip.

    Raises:
        ValueError: The golden set is of another task, or a goal compares with a value that no
            source has.
        CorruptArtifact: The directory cannot be loaded.
    """
    if golden.task != spec.task:
        raise ValueError(
            f"{spec.name}: gates.golden: {golden.name!r} is for task {golden.task!r},"
            f" the row's is {spec.task!r}: name another golden set"
        )
    model = load(compiled, threads=target.options.threads)
    usd_per_hour = prices.usd_per_hour(target.instance)
    answers = ask(golden, source.predict, model.predict)
    measurements = measure_parity(spec, answers)
    if not twin:
        measurements += measure_speed(
            answers.inputs,
            source.predict,
            model.predict,
            spec.gates.load,
            target.options.threads,
            usd_per_hour,
        )
    curve: dict[str, Any] = {}
    if spec.gates.load.rate is not None and not twin:
        served, curve = measure_served(spec, target, compiled, answers.inputs)
        measurements += served
    pending = sorted(spec.gates.metrics.keys() & (SPEED | SERVED)) if twin else []
    verdicts = verdicts_of(spec, answers, measurements, pending)
    conditions: dict[str, Any] = {
        **spec.gates.load.model_dump(mode="json"),
        "threads": target.options.threads,
        "questions": len(answers.inputs),
        "load_average": round(os.getloadavg()[0], 1),
        "source": "eager PyTorch, one client, interleaved with the compiled model",
        "intervals": "95 %: Wilson for shares, bootstrap for times and ratios",
    }
    if curve:
        conditions["curve"] = curve
    if twin:
        conditions["twin"] = "the chip's casts on this CPU: answers are judged, speed is not"
        conditions["pending"] = pending
    if not all(verdict.passed for verdict in verdicts):
        conditions["worst"] = worst_examples(spec, answers)
    return Evidence(
        golden=golden.name,
        golden_digest=golden.digest,
        machine=machine(),
        conditions=conditions,
        measurements=tuple(measurements),
        verdicts=tuple(verdicts),
        alternatives=tuple(alternatives),
        price={"instance": target.instance, "usd_per_hour": usd_per_hour, "date": prices.date},
    )


def machine() -> dict[str, Any]:
    """Return what the measurements ran on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": len(names),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def verdicts_of(
    spec: ModelSpec,
    answers: Answers,
    measurements: Sequence[Measurement],
    pending: Sequence[str],
) -> list[Verdict]:
    """Return a verdict on each goal of the row but those for `pending` metrics.

    Raises:
        ValueError: A goal is about a metric that was not measured.
    """
    measured = {item.metric: item for item in measurements}
    finite = is_finite(answers)
    reason = "every answer is finite" if finite else "the compiled model answers NaN or infinity"
    verdicts = [Verdict("finite", {}, finite, reason)]
    for metric, goal in spec.gates.metrics.items():
        if metric in pending:
            continue
        if metric not in measured:
            raise ValueError(
                f"{spec.name}: gates.metrics.{metric}: is not measured for task {spec.task!r}:"
                f" use one of {', '.join(measured)}"
            )
        verdicts.append(judge(goal, measured[metric]))
    return verdicts
