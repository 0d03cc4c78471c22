"""A correction of MiniStack's IAM: which namespace `cloudwatch:namespace` names.

PutMetricData has no resource, so a policy can bound it by this condition alone. MiniStack does not
know the key, and a condition on an absent key refuses.
"""

import json
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from local.emulator.hooks import wrap

KEY = "cloudwatch:namespace"
_NAMESPACE: ContextVar[str | None] = ContextVar("namespace", default=None)


def install() -> None:
    """Put the correction in."""
    wrap("ministack.core.iam_actions", "extract_resource_arn", _noting_the_namespace)
    wrap("ministack.core.iam_evaluator", "_resolve_condition_key", _with_namespace)


def named_in(headers: dict[str, str], body: bytes) -> str | None:
    """Return the namespace of a request to CloudWatch, in JSON or in a form."""
    try:
        if "json" in headers.get("content-type", ""):
            found = json.loads(body).get("Namespace")
        else:
            found = next(iter(parse_qs(body.decode()).get("Namespace", [])), None)
    except (ValueError, AttributeError):
        return None  # the service itself will say what is wrong with it
    return None if found is None else str(found)


def _noting_the_namespace(original: Any) -> Any:
    def extract(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> Any:
        _NAMESPACE.set(named_in(headers, body) if service == "monitoring" else None)
        return original(service, method, path, headers, body, *rest)

    return extract


def _with_namespace(original: Any) -> Any:
    def resolve(key: str, context: Any) -> Any:
        return _NAMESPACE.get() if key.lower() == KEY else original(key, context)

    return resolve
