"""The service's own description, which `GET /openapi.json` serves and the fuzz test reads."""

import json
from typing import Any

from serving.intent.problem import CONTENT_TYPE
from serving.intent.request import DEADLINE_HEADER, MAX_CHARACTERS, MAX_DEADLINE_MS

_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def _refusal(description: str, **headers: str) -> dict[str, Any]:
    told = {"description": description, "content": {CONTENT_TYPE: {"schema": _PROBLEM}}}
    if headers:
        told["headers"] = {
            name.replace("_", "-"): {"schema": {"type": kind}} for name, kind in headers.items()
        }
    return told


def _get(description: str, content_type: str) -> dict[str, Any]:
    ok = {"description": description, "content": {content_type: {}}}
    loading = _refusal("Not ready: loading or draining.", retry_after="integer")
    return {"get": {"summary": description, "responses": {"200": ok, "503": loading}}}


def document(labels: tuple[str, ...], fallback: str | None) -> str:
    """Return the description as JSON.

    Args:
        labels: The intents that the loaded model knows.
        fallback: What it answers when it is not sure.
    """
    text = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "pattern": r"\S"}
    share = {"type": "number", "minimum": 0, "maximum": 1}
    answer = {
        "type": "object",
        "required": ["intent", "confidence", "probabilities", "model", "artifact"],
        "properties": {
            "intent": {"enum": sorted({*labels, *([fallback] if fallback else [])})},
            "confidence": share,
            "probabilities": {
                "type": "object",
                "required": list(labels),
                "additionalProperties": share,
            },
            "model": {"type": "string"},
            "artifact": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
    }
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            **{
                name: {"type": "string"}
                for name in ("type", "title", "detail", "request_id", "key")
            },
            "status": {"type": "integer"},
        },
    }
    deadline = {
        "name": DEADLINE_HEADER,
        "in": "header",
        "description": "How long the caller waits; the service gives up then.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_DEADLINE_MS},
    }
    body = {"type": "object", "required": ["text"], "properties": {"text": text}}
    ask = {
        "summary": "Say what a query asks for.",
        "parameters": [deadline],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {
                "description": "The intent.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}
                },
            },
            "400": _refusal("The body is not a JSON object."),
            "408": _refusal("The body did not arrive in time."),
            "413": _refusal("The body is too long."),
            "422": _refusal("A key is missing or wrong."),
            "503": _refusal("Too busy, loading or draining: try again.", retry_after="integer"),
            "504": _refusal("The deadline passed."),
        },
    }
    paths = {
        "/v1/intent": {"post": ask},
        "/healthz": _get("The process lives.", "text/plain"),
        "/readyz": _get("The model is loaded and warm.", "text/plain"),
        "/metrics": _get("Prometheus metrics of one worker.", "text/plain"),
        "/openapi.json": _get("This document.", "application/json"),
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Query intent", "version": "1"},
            "paths": paths,
            "components": {"schemas": {"Answer": answer, "Problem": problem}},
        }
    )
