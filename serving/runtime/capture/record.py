"""One record of a capture, in the form that SageMaker's Data Capture writes.

The data are the JSON of the servers' own interface: KServe v2 tensors for what Triton serves,
`{"text"}` and `{"label", "probabilities"}` for classifiers, `{"image"}` as `pictures` describes it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.runtime.capture.pictures import describe, rounded
from serving.runtime.capture.redact import redact
from serving.runtime.description import Description

Document = dict[str, Any]

CONTENT_TYPE = "application/json"
RESULTS = {
    "seq2seq": ("CORRECTED", "BYTES"),
    "embedding": ("EMBEDDING", "FP32"),
    "pair-classification": ("PROBABILITIES", "FP32"),
}
TEXTS = {"pair-classification": ("LEFT", "RIGHT")}


@dataclass(frozen=True)
class Event:
    """One request as a server saw it: inputs and outputs by row, as docs/architecture.md has them.

    `outputs` is None where the answer was not seen, such as behind an engine of Triton's own.
    """

    inputs: Sequence[Any]
    outputs: Sequence[Any] | None
    event_id: str
    time: datetime


def line(event: Event, description: Description, artifact: str) -> str:
    """Return the record as one line of JSON.

    Args:
        event: What was asked and answered.
        description: The model's.
        artifact: The first 12 hex of the SHA-256 of its `model.json`.

    Raises:
        ValueError: A picture cannot be read.
    """
    captured = {"endpointInput": _part("INPUT", _asked(event.inputs, description.task))}
    if event.outputs is not None:
        captured["endpointOutput"] = _part("OUTPUT", _answered(event.outputs, description))
    record = {
        "captureData": captured,
        "eventMetadata": {
            "eventId": event.event_id,
            "customAttributes": [f"model={description.name},artifact={artifact}"],
            "inferenceTime": event.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "eventVersion": "0",
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _part(mode: str, document: Document) -> Document:
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return {"observedContentType": CONTENT_TYPE, "mode": mode, "data": data, "encoding": "JSON"}


def _asked(inputs: Sequence[Any], task: str) -> Document:
    if task == "image-classification":
        return {"image": describe(inputs[0])}
    if task == "classification":
        return {"text": redact(inputs[0])}
    names = TEXTS.get(task, ("TEXT",))
    columns = zip(*inputs, strict=True) if len(names) > 1 else (inputs,)
    tensors = (
        _tensor(name, "BYTES", 1, [redact(text) for text in column])
        for name, column in zip(names, columns, strict=True)
    )
    return {"inputs": list(tensors)}


def _answered(outputs: Sequence[Any], description: Description) -> Document:
    if description.task in RESULTS:
        name, kind = RESULTS[description.task]
        if kind == "BYTES":
            return {"outputs": [_tensor(name, kind, 1, [redact(text) for text in outputs])]}
        flat = [value for row in outputs for value in rounded(row)]
        return {"outputs": [_tensor(name, kind, len(flat) // len(outputs), flat)]}
    row = outputs[0]
    shares: Mapping[str, float] = dict(zip(description.labels, rounded(row), strict=True))
    return {"label": description.decide(row), "probabilities": shares}


def _tensor(name: str, kind: str, width: int, data: Sequence[Any]) -> Document:
    return {"name": name, "shape": [len(data) // width, width], "datatype": kind, "data": data}
