"""Asks endpoints and services; a model that is still loading is asked again."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from lambdas.common import clients
from lambdas.common.live import LiveState
from lambdas.common.refused import Refused
from lambdas.verify_release.protocol import Request

PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 2.0
REQUEST_SECONDS = 70.0
LOADING = {"ModelNotReadyException", "ServiceUnavailable", "ThrottlingException"}


def ask(environment: str, state: LiveState, serve: dict[str, str], request: Request) -> bytes:
    """Return the answer of whatever serves a model.

    Raises:
        Refused: It answered with an error, or not within the patience.
    """
    if serve["kind"] == "endpoint":
        name = f"slipway-{environment}-{serve['name']}"
        return _patiently(lambda: _ask_endpoint(name, request))
    (url,) = (service.url for service in state.services if service.name == serve["name"])
    return _patiently(lambda: _ask_service(url, request))


class _NotYet(Exception):
    """The server will answer later."""


def _patiently(call: Callable[[], bytes]) -> bytes:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except _NotYet as error:
            if time.monotonic() > deadline:
                raise Refused(f"no answer within {PATIENCE_SECONDS:.0f} s: {error}") from error
        time.sleep(PAUSE_SECONDS)


def _ask_endpoint(name: str, request: Request) -> bytes:
    target: dict[str, Any] = {"TargetModel": request.target_model} if request.target_model else {}
    try:
        answer = clients.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, Body=request.body, ContentType=request.content_type, **target
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in LOADING:
            raise _NotYet(f"endpoint {name}: {error}") from error
        raise Refused(f"endpoint {name}: {error}") from error
    return bytes(answer["Body"].read())


def _ask_service(url: str, request: Request) -> bytes:
    asked = urllib.request.Request(  # noqa: S310 (the load balancer's own address)
        url + request.path, request.body, {"Content-Type": request.content_type}
    )
    try:
        with urllib.request.urlopen(asked, timeout=REQUEST_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (502, 503, 504):
                raise _NotYet(f"{asked.full_url}: {error}") from error
            text = error.read()[:300]
        raise Refused(f"{asked.full_url}: {error}: {text!r}") from error
    except OSError as error:
        raise _NotYet(f"{asked.full_url}: {error}") from error
