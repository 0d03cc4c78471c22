"""Read captured records back into what a model was asked and answered, row by row."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Document = Mapping[str, Any]


class Unreadable(ValueError):
    """A line is no record whose content this job knows; it is counted, not judged."""


@dataclass(frozen=True)
class Outcome:
    """A classifier's answer: the label that the caller got, and the probabilities in order."""

    label: str
    probabilities: Vector


@dataclass(frozen=True)
class Record:
    """One captured request.

    Attributes:
        event_id: By which labels are joined.
        time: When it was answered, UTC.
        model: The target model; empty where the capture does not say.
        artifact: 12 hex of the compiled model's `model.json`; empty where it does not say.
        inputs: By row: text, a pair of texts, or a picture's numbers (a mapping).
        outputs: By row: text, a vector, or an `Outcome`; None where the answer was not seen.
    """

    event_id: str
    time: datetime
    model: str
    artifact: str
    inputs: Sequence[Any]
    outputs: Sequence[Any] | None = None


@dataclass
class Rows:
    """The rows of many records of one model, with the event each belongs to."""

    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    answered: bool = True

    def add(self, record: Record) -> None:
        """Add a record's rows; one without answers makes all of them a matter of inputs alone."""
        self.inputs += record.inputs
        self.events += [record.event_id] * len(record.inputs)
        if record.outputs is None:
            self.answered = False
        else:
            self.outputs += record.outputs

    def kept(self, most: int) -> "Rows":
        """Return `most` of the rows, evenly spread over time."""
        count = len(self.inputs)
        if count <= most:
            return self
        picked = [index * count // most for index in range(most)]
        outputs = [self.outputs[index] for index in picked] if self.answered else []
        events = [self.events[index] for index in picked]
        return Rows([self.inputs[index] for index in picked], outputs, events, self.answered)


def parse(line: str, labels: Sequence[str] = ()) -> Record:
    """Return one line of a capture.

    Args:
        line: JSON, as Data Capture or `serving.runtime.capture` writes it.
        labels: The names of probabilities that come as a bare tensor.

    Raises:
        Unreadable: It is something else.
    """
    try:
        document = json.loads(line)
        data, meta = document["captureData"], document["eventMetadata"]
        inputs = _inputs(_content(data["endpointInput"]))
        answered = data.get("endpointOutput")
        outputs = None if answered is None else _outputs(_content(answered), labels)
        if outputs is not None and len(outputs) != len(inputs):
            raise Unreadable(f"{len(inputs)} inputs and {len(outputs)} outputs")
        time = datetime.strptime(meta["inferenceTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        named = _attributes(meta.get("customAttributes", ()))
        model, artifact = named.get("model", ""), named.get("artifact", "")
        return Record(str(meta["eventId"]), time, model, artifact, inputs, outputs)
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(f"no record: {type(error).__name__}: {error}") from error


def _content(part: Document) -> Any:
    data = part["data"]
    if part["encoding"] == "BASE64":
        data = base64.b64decode(data).decode()
    elif part["encoding"] != "JSON":
        raise Unreadable(f"encoding {part['encoding']!r}: only JSON is read")
    return json.loads(data)


def _attributes(found: Any) -> dict[str, str]:
    text = found if isinstance(found, str) else ",".join(found)
    pairs = (item.partition("=") for item in text.split(","))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _inputs(content: Document) -> list[Any]:
    if "inputs" in content:
        columns = [list(tensor["data"]) for tensor in content["inputs"]]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    if "image" in content:
        return [dict(content["image"])]
    return [str(content["text"])]


def _outputs(content: Document, labels: Sequence[str]) -> list[Any]:
    if "outputs" not in content:
        shares = content["probabilities"]
        label = str(content.get("label", content.get("intent")))
        return [Outcome(label, np.fromiter(shares.values(), np.float32))]
    (tensor,) = content["outputs"]
    if tensor["datatype"] == "BYTES":
        return [str(text) for text in tensor["data"]]
    rows = np.asarray(tensor["data"], np.float32).reshape(tensor["shape"])
    if tensor["name"] != "PROBABILITIES":
        return list(rows)
    names = labels or [str(place) for place in range(rows.shape[1])]
    return [Outcome(names[int(row.argmax())], row) for row in rows]


def read(lines: Iterator[str], labels: Sequence[str] = ()) -> tuple[list[Record], int]:
    """Return the records among lines, and how many lines were unreadable."""
    found, unreadable = [], 0
    for line in lines:
        if not line.strip():
            continue
        try:
            found.append(parse(line, labels))
        except Unreadable:
            unreadable += 1
    return found, unreadable
