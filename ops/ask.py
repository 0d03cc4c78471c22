"""Ask a served model one question, as its clients do: `python -m ops ask MODEL QUESTION`."""

import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from catalog.artifact import Manifest
from lambdas.verify_release.protocol import answer_of, request_of
from ops.account import Account


@dataclass(frozen=True)
class Answer:
    """What a model said, and after how many milliseconds at the client."""

    value: Any
    ms: float


def ask(account: Account, environment: str, manifest: Manifest, question: Any) -> Answer:
    """Return a served model's answer, in the form of a manifest's examples.

    Args:
        account: Where it is served.
        environment: Its environment.
        manifest: The model's manifest in the live release.
        question: Text, a pair of texts, or an image as base64 text.

    Raises:
        ClientError: SageMaker refused; OSError: the service did not answer.
    """
    request = request_of(manifest, question)
    started = time.perf_counter()
    if manifest.serve["kind"] == "endpoint":
        target: dict[str, Any] = {}
        if request.target_model:
            target["TargetModel"] = request.target_model
        body = account.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=f"slipway-{environment}-{manifest.serve['name']}",
            Body=request.body,
            ContentType=request.content_type,
            **target,
        )["Body"]
        raw = body.read()
    else:
        url = account.output(f"slipway-{environment}-{manifest.serve['name']}", "Url")
        headers = {"Content-Type": request.content_type}
        posted = urllib.request.Request(url + request.path, request.body, headers)  # noqa: S310
        with urllib.request.urlopen(posted, timeout=70) as answer:  # noqa: S310 - our own output
            raw = answer.read()
    elapsed = 1000 * (time.perf_counter() - started)
    return Answer(answer_of(manifest, raw), elapsed)


def in_words(manifest: Manifest, value: Any) -> str:
    """Return an answer as a person reads it: text, the likeliest label, or a vector's beginning."""
    if manifest.task == "seq2seq":
        return str(value)
    if manifest.task == "embedding":
        return f"[{', '.join(f'{number:.3f}' for number in value[:4])}, ...] ({len(value)} numbers)"
    labels = manifest.key_inputs["labels"]
    best = max(range(len(value)), key=value.__getitem__)
    decision = manifest.key_inputs.get("decision") or {}
    label = labels[best]
    if decision and value[best] < decision["threshold"]:
        label = decision["fallback"]
    return f"{label} ({value[best]:.2f})"
