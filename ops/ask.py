"""Ask a served model one question, as its clients do: `python -m ops ask MODEL QUESTION`."""

import argparse
import sys
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
        body = account.client("sagemaker-runtime", environment).invoke_endpoint(
            EndpointName=f"slipway-{environment}-{manifest.serve['name']}",
            Body=request.body,
            ContentType=request.content_type,
            **target,
        )["Body"]
        raw = body.read()
    else:
        url = account.output(f"slipway-{environment}-{manifest.serve['name']}", "Url", environment)
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("model", help="its name in the catalog")
    parser.add_argument("question", nargs="+", help="one text, or two for a pair")
    parser.add_argument("--environment", help="where (default: the last one)")


def run(arguments: argparse.Namespace) -> int:
    """Ask, and print the answer and how long it took."""
    account = Account()
    environment = arguments.environment or account.environments[-1]
    context = account.context(environment, account.live_release(environment))
    if arguments.model not in context.manifests:
        known = ", ".join(sorted(context.manifests))
        print(f"ops: model {arguments.model!r} is not live; use one of {known}", file=sys.stderr)
        return 1
    manifest, *_ = context.manifests[arguments.model].values()  # all ask the same way
    question = arguments.question if len(arguments.question) > 1 else arguments.question[0]
    answer = ask(account, environment, manifest, question)
    print(f"{in_words(manifest, answer.value)}   ({answer.ms:.0f} ms)")
    return 0
