"""How each server is asked, and what its answer means; pure.

Triton speaks KServe v2 JSON, TorchServe takes a form, the intent service JSON. An answer is brought
into the form of a manifest's examples: text, a vector, or probabilities in the order of labels.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from catalog.artifact import Manifest

BOUNDARY = "slipway-6d9f2c7e"
OUTPUT_OF_TASK = {
    "seq2seq": "CORRECTED",
    "embedding": "EMBEDDING",
    "classification": "PROBABILITIES",
    "pair-classification": "PROBABILITIES",
}


@dataclass(frozen=True)
class Request:
    """One request; `target_model` is for multi-model endpoints, `path` for services."""

    body: bytes
    content_type: str
    target_model: str = ""
    path: str = ""


def request_of(manifest: Manifest, question: Any) -> Request:
    """Return the request that asks a served model one example's question.

    Raises:
        ValueError: Nothing is known of the manifest's runtime.
    """
    if manifest.runtime == "triton":
        return _kserve(manifest, question)
    if manifest.runtime == "torchserve":
        return _form(manifest, question)
    if manifest.runtime == "intent":
        body = json.dumps({"text": question}).encode()
        return Request(body, "application/json", path="/v1/intent")
    raise ValueError(f"runtime {manifest.runtime!r}: nobody has said how it is asked")


def answer_of(manifest: Manifest, body: bytes) -> Any:
    """Return a server's answer in the form of an example's output.

    Raises:
        ValueError, KeyError: The body is no such answer.
    """
    document = json.loads(body)
    if manifest.runtime != "triton":
        found = document[manifest.model] if manifest.parent else document
        probabilities = found["probabilities"]
        return [probabilities[label] for label in manifest.key_inputs["labels"]]
    wanted = OUTPUT_OF_TASK[manifest.task]
    data = {output["name"]: output["data"] for output in document["outputs"]}[wanted]
    return data[0] if manifest.task == "seq2seq" else data


def _kserve(manifest: Manifest, question: Any) -> Request:
    pair = manifest.task == "pair-classification"
    named = zip(("LEFT", "RIGHT"), question, strict=True) if pair else (("TEXT", question),)
    inputs = [
        {"name": name, "shape": [1, 1], "datatype": "BYTES", "data": [text]} for name, text in named
    ]
    body = json.dumps({"inputs": inputs}).encode()
    return Request(body, "application/octet-stream", target_model=manifest.archive.path)


def _form(manifest: Manifest, question: Any) -> Request:
    image = manifest.task == "image-classification"
    value = base64.b64decode(question) if image else str(question).encode()
    kind = "image" if image else "text"
    fields = {"model_name": manifest.model.encode(), kind: value}
    if manifest.parent:  # whose request has a field for each part
        fields = {"model_name": manifest.parent.encode(), manifest.model: value}
    parts = [_part(name, content) for name, content in fields.items()]
    body = b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    return Request(body, f"multipart/form-data; boundary={BOUNDARY}")


def _part(name: str, value: bytes) -> bytes:
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + value + b"\r\n"
