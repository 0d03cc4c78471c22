"""What a form asks a classifier, and how the answer is given: shared by both handlers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.runtime import Description
from serving.torchserve import cores

INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"  # SageMaker hands it to the caller
KINDS = {"classification": "text", "image-classification": "image"}
WARM_UP_RUNS = 3


def read(value: Any, field: str, kind: str) -> str | bytes:
    """Return the text or the image's bytes that a form's field holds.

    Raises:
        ValueError: There is none, or it is not of the kind; says which field to send.
    """
    if value is None or not len(value):
        raise ValueError(f"{field}: missing or empty; send it as a form field or the body")
    if kind == "image":
        if isinstance(value, str):
            raise ValueError(f"{field}: is text; send the bytes of a PNG or a JPEG")
        return bytes(value)
    if isinstance(value, bytes | bytearray):
        try:
            value = value.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{field}: is not UTF-8 ({error})") from error
    if not isinstance(value, str):
        raise ValueError(f"{field}: is {json.dumps(value)[:80]}; send a string")
    return value


def answer(description: Description, row: NDArray[np.float32]) -> dict[str, Any]:
    """Return what one row of probabilities says."""
    labelled = zip(description.labels, row, strict=True)
    return {
        "model": description.name,
        "label": description.decide(row),
        "probabilities": {label: round(float(value), 6) for label, value in labelled},
    }


def finish(
    results: Sequence[Any], errors: Mapping[int, str], context: Any, ran_on: str
) -> list[Any]:
    """Return one result per request: what was answered, and 400 where something is wrong."""
    whole = list(results)
    for index, message in sorted(errors.items()):
        context.set_response_status(400, "Bad Request", index)
        whole.insert(index, {"error": message})
    for index in range(len(whole)):
        context.set_response_content_type(index, "application/json")
        context.set_response_header(index, ATTRIBUTES, f"{cores.RAN_ON}={ran_on}")
    return whole


def event_id(context: Any, index: int) -> str:
    """Return what a request is called in captures."""
    return str(
        context.get_request_header(index, INFERENCE_ID) or context.get_request_id(index) or ""
    )
