"""How a caller asks for a correction, and what it does when there is none: the query unchanged.

A search box must answer. A server that is slow, full or gone costs a correction, never a search.
The same body works for SageMaker's `invoke_endpoint` with `TargetModel="spelling-t5.tar.gz"`.
"""

import json
import time
import urllib.request
from typing import Any

MICRO, MILLI = 1e6, 1e3


def body(text: str, patience_ms: float) -> dict[str, Any]:
    """Return a request in the KServe v2 protocol whose answer nobody wants after that time."""
    return {
        "inputs": [{"name": "TEXT", "shape": [1, 1], "datatype": "BYTES", "data": [text]}],
        "parameters": {"deadline": int(MICRO * (time.time() + patience_ms / MILLI))},
    }


def corrected(query: str, address: str, model: str = "spelling-t5", patience_ms: float = 50) -> str:
    """Return the corrected query, or the query itself where there is no answer in time.

    Args:
        query: What was typed.
        address: The server, such as `http://127.0.0.1:8000`.
        model: Whom to ask.
        patience_ms: How long the answer is worth waiting for.
    """
    request = urllib.request.Request(  # noqa: S310
        f"{address}/v2/models/{model}/infer",
        json.dumps(body(query, patience_ms)).encode(),
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=patience_ms / MILLI) as answer:  # noqa: S310
            return str(json.load(answer)["outputs"][0]["data"][0])
    except (OSError, ValueError, LookupError):
        return query
