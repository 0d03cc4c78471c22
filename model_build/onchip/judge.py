"""Verdicts on what a chip answered: the metrics and goals of every other gate."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from catalog.artifact import Evidence, Manifest, Measurement
from catalog.chip import OF_A_SERVICE
from catalog.prices import Prices
from catalog.spec import ModelSpec, Target
from model_build.gates.cost import usd_per_million
from model_build.gates.parity import measure_parity
from model_build.gates.questions import Answers
from model_build.gates.run import verdicts_of
from model_build.gates.speed import latency
from model_build.gates.worst import worst_examples
from model_build.measure import ratio_of_medians
from serving.onchip.questions import Questions


def judge_chip(
    spec: ModelSpec,
    target: Target,
    manifest: Manifest,
    questions: Questions,
    written: dict[str, Any],
    prices: Prices,
) -> Evidence:
    """Return the evidence of one artifact from a chip.

    Args:
        spec: The row, whose goals judge.
        target: What the artifact was compiled for.
        manifest: The artifact.
        questions: What was asked, with the source's answers.
        written: What `serving.onchip` wrote, or what an endpoint answered.
        prices: The dated price table.
    """
    answers = Answers(
        inputs=questions.inputs,
        expected=questions.expected,
        source=_arrays(questions.source),
        compiled=_arrays(written["answers"]),
        source_documents=_arrays(questions.source_documents),
        compiled_documents=_arrays(written["documents"]),
    )
    usd_per_hour = prices.usd_per_hour(target.instance)
    measurements = [
        *measure_parity(spec, answers),
        *_speed(questions, written, usd_per_hour),
    ]
    of_a_service = [name for name in spec.gates.metrics if name.startswith(OF_A_SERVICE)]
    verdicts = verdicts_of(spec, answers, measurements, pending=of_a_service)
    conditions: dict[str, Any] = {
        **questions.load,
        "threads": target.options.threads,
        "questions": len(questions.inputs),
        "source": "eager PyTorch where the artifact was built; its times are that machine's",
        "source_machine": questions.machine,
        "asked": written.get("asked", "the compiled model on its chip, in the chip's own process"),
        "intervals": "95 %: Wilson for shares, bootstrap for times and ratios",
    }
    if not all(verdict.passed for verdict in verdicts):
        conditions["worst"] = worst_examples(spec, answers)
    return Evidence(
        golden=manifest.evidence.golden,
        golden_digest=manifest.evidence.golden_digest,
        machine=written["host"],
        conditions=conditions,
        measurements=tuple(measurements),
        verdicts=tuple(verdicts),
        price={"instance": target.instance, "usd_per_hour": usd_per_hour, "date": prices.date},
    )


def _speed(questions: Questions, written: dict[str, Any], usd_per_hour: float) -> list[Measurement]:
    taken, eager = written["milliseconds"], questions.source_ms
    throughput = float(written["throughput"])
    eager_throughput = 1e3 * int(questions.load["batch"]) * len(eager) / sum(eager)
    ratio = ratio_of_medians(eager, taken)
    return [
        *(latency(f"p{q}_ms", q, taken, eager) for q in (50, 99)),
        Measurement("throughput", throughput, len(taken), source=eager_throughput),
        Measurement("speedup", ratio.value, len(eager), 1.0, ratio.low, ratio.high),
        Measurement(
            "usd_per_million",
            usd_per_million(usd_per_hour, throughput),
            len(taken),
            source=usd_per_million(usd_per_hour, eager_throughput),
        ),
    ]


def _arrays(answers: Sequence[Any]) -> list[Any]:
    return [item if isinstance(item, str) else np.asarray(item, np.float32) for item in answers]
