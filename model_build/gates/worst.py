"""The examples that a failed gate shows: where compiled and source models differ most."""

from typing import Any

import numpy as np

from catalog.artifact import Evidence
from catalog.spec import ModelSpec
from model_build.gates.questions import Answers

SHOWN = 5
WIDTH = 60


def worst_examples(spec: ModelSpec, answers: Answers) -> list[dict[str, str]]:
    """Return the worst answers, worst first: input, expected, source's and compiled answer."""
    rows = zip(answers.inputs, answers.expected, answers.source, answers.compiled, strict=True)
    ranked = sorted(
        ((_badness(spec, *row[1:]), number, row) for number, row in enumerate(rows)),
        key=lambda item: (-item[0], item[1]),
    )
    return [
        {
            "input": _text(row[0]),
            "expected": _text(row[1]) if spec.task != "embedding" else "the source's vector",
            "source": _answer(spec, row[2]),
            "compiled": _answer(spec, row[3]),
        }
        for badness, _, row in ranked[:SHOWN]
        if badness > 0
    ]


def report(model: str, evidence: Evidence) -> str:
    """Return why a model was stopped, for a person: each failed gate, then the worst examples."""
    failed = [verdict for verdict in evidence.verdicts if not verdict.passed]
    lines = [f"gate failed: {model}: {verdict.metric}: {verdict.reason}" for verdict in failed]
    for item in evidence.conditions.get("worst", ()):
        lines.append(f"  input     {item['input']}")
        lines += [f"    {key:<9} {item[key]}" for key in ("expected", "source", "compiled")]
    return "\n".join(lines)


def _badness(spec: ModelSpec, expected: Any, source: Any, compiled: Any) -> float:
    if spec.task == "seq2seq":
        # A regression is worse than a wrong answer that both give another way.
        regressed, improved = bool(source == expected), bool(compiled == expected)
        return float(compiled != source) * (1.0 + regressed - 0.5 * improved)
    if not np.isfinite(compiled).all():
        return 3.0
    if spec.task == "embedding":
        return 1.0 - float(np.dot(source, compiled))
    moved = float(np.abs(source - compiled).max())
    return moved + (int(source.argmax()) != int(compiled.argmax()))


def _answer(spec: ModelSpec, answer: Any) -> str:
    if spec.task == "seq2seq":
        return _text(answer)
    if not np.isfinite(answer).all():
        return "not finite"
    if spec.task == "embedding":
        return "[" + ", ".join(f"{value:.3f}" for value in answer[:4]) + ", ...]"
    best = int(answer.argmax())
    return f"{spec.labels[best]} ({answer[best]:.3f})"


def _text(value: Any) -> str:
    text = f"{len(value)} bytes" if isinstance(value, bytes) else repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
