"""Read a request; each refusal says which key is wrong and what to send."""

import json
import re
from collections.abc import Mapping
from random import getrandbits
from typing import Any, NoReturn

from serving.intent.problem import Refusal

MAX_CHARACTERS = 2_000
MAX_BODY = 16_384
DEADLINE_HEADER = "x-deadline-ms"
MAX_DEADLINE_MS = 60_000
_REQUEST_ID = re.compile(r"[\w.:=;/+-]{1,128}", re.ASCII)


def text_of(body: bytes) -> str:
    """Return the text of `{"text": "..."}`.

    Raises:
        Refusal: 400 for what is no JSON object, 422 for a wrong `text`.
    """
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "not-json", f"body: is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise Refusal(400, "not-json", 'body: is not a JSON object; send {"text": "..."}')
    if "text" not in document:
        raise Refusal(422, "missing", 'text: is missing; send {"text": "..."}', key="text")
    text = document["text"]
    if not isinstance(text, str):
        told = json.dumps(text)[:80]
        raise Refusal(422, "wrong-type", f"text: is {told}; send a string", key="text")
    if not text.strip():
        raise Refusal(422, "empty", "text: is empty; send a query", key="text")
    if len(text) > MAX_CHARACTERS:
        told = f"text: has {len(text)} characters; send {MAX_CHARACTERS} at most"
        raise Refusal(422, "too-long", told, key="text")
    return text


def check_length(length: int) -> None:
    """Refuse a body that is too long to be a query.

    Raises:
        Refusal: 413.
    """
    if length > MAX_BODY:
        told = f"body: has {length} bytes or more; send {MAX_BODY} at most"
        raise Refusal(413, "too-long", told)


def deadline_ms(headers: Mapping[str, str], default: float) -> float:
    """Return how many milliseconds the caller waits: its header, else the service's own limit.

    Raises:
        Refusal: 422, the header is no number of milliseconds.
    """
    value = headers.get(DEADLINE_HEADER)
    if value is None:
        return default
    if not value.isdecimal() or not 1 <= int(value) <= MAX_DEADLINE_MS:
        told = f"{DEADLINE_HEADER}: is {value[:40]!r}; send 1 to {MAX_DEADLINE_MS}"
        raise Refusal(422, "wrong-type", told, key=DEADLINE_HEADER)
    return float(int(value))


def request_id(headers: Mapping[str, str]) -> str:
    """Return the caller's id of the request, or that of AWS's load balancer, or a new one."""
    for name in ("x-request-id", "x-amzn-trace-id"):
        value = headers.get(name)
        if value and _REQUEST_ID.fullmatch(value):
            return value
    return f"{getrandbits(128):032x}"  # not secret, only another one each time


def _no_number(name: Any) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
