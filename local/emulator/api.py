"""The shapes of an AWS JSON API: operations by name, answers, refusals."""

import datetime
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]
Operation = Callable[[dict[str, Any]], dict[str, Any] | None]


class ApiError(Exception):
    """A refusal, answered as AWS answers it: a code, a message and an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def operations(api: object) -> dict[str, Operation]:
    """Return the operations of `api` by name: its public methods but those of a `Service`.

    A method `start_build` serves `StartBuild`.
    """
    found: dict[str, Operation] = {}
    for name in dir(type(api)):
        if not name.startswith("_") and name not in {"start", "stop", "save", "load"}:
            operation = "".join(part.title() for part in name.split("_"))
            found[operation] = getattr(api, name)
    return found


def json_response(payload: Mapping[str, Any] | None, status: int = 200) -> Response:
    """Return a JSON answer; times become epoch seconds, as the JSON protocol has them."""
    body = json.dumps(payload or {}, default=_plain).encode()
    return status, {"Content-Type": "application/x-amz-json-1.1"}, body


def error_response(error: ApiError) -> Response:
    """Return the answer for a refusal."""
    status, headers, body = json_response(
        {"__type": error.code, "message": error.message}, error.status
    )
    return status, {**headers, "x-amzn-errortype": error.code}, body


def snake(name: str) -> str:
    """Return `StartBuild` as `start_build`, as botocore names its methods."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON form")
