"""Model Monitor's pre-processing script: our records as its analyzer's rows.

Its container runs this one file alone, with the standard library (`record_preprocessor_source_uri`)
of an old Python, and calls `preprocess_handler` for each captured record. A row has those features
that need neither the tokenizer nor the baseline's axes, named as in `statistics.json`; the others
are ours to judge.
"""

from __future__ import annotations

import base64
import json
import math
import unicodedata
from collections import Counter
from typing import Any, Dict, List  # noqa: UP035  its Python knows no other

Row = Dict[str, Any]  # noqa: UP006
Rows = List[Row]  # noqa: UP006

PICTURE = ("width", "height", "bytes", "brightness", "contrast")


def preprocess_handler(inference_record: Any) -> Any:
    """Return a record's row as a flat mapping; an empty list leaves the record out.

    Model Monitor takes one row a record: of a request of several rows it is the first.

    Args:
        inference_record: Its `endpoint_input.data` and `endpoint_output.data` are JSON, as text or
            already read.
    """
    asked = _json(inference_record, "endpoint_input")
    if asked is None:
        return []
    answered = _json(inference_record, "endpoint_output")
    more = _answered(answered, asked) or [{}]
    return {**_asked(asked)[0], **more[0]}


def _json(record: Any, part: str) -> Row | None:
    data = getattr(getattr(record, part, None), "data", None)
    found = _read(data) if isinstance(data, str) else data
    return found if isinstance(found, dict) else None


def _read(data: str) -> Any:
    """Return what a text says: JSON, or base64 of it, as SageMaker keeps what it takes as bytes."""
    for text in (lambda: data, lambda: base64.b64decode(data, validate=True)):
        try:
            return json.loads(text())
        except ValueError:
            continue
    return None


def _asked(content: Row) -> Rows:
    if "image" in content:
        return [{name: content["image"][name] for name in PICTURE}]
    if "text" in content:
        return [_text(content["text"], "")]
    columns = {tensor["name"]: tensor["data"] for tensor in content["inputs"]}
    if len(columns) == 1:
        return [_text(text, "") for text in next(iter(columns.values()))]
    pairs = zip(columns["LEFT"], columns["RIGHT"])  # noqa: B905  unknown to its Python
    return [{**_text(left, "left_"), **_text(right, "right_")} for left, right in pairs]


def _text(text: str, prefix: str) -> Row:
    return {
        prefix + "length": len(text),
        prefix + "words": len(text.split()),
        prefix + "script": _script(text),
    }


def _script(text: str) -> str:
    names = (unicodedata.name(letter, "none") for letter in text if letter.isalpha())
    found = Counter(name.split()[0].lower() for name in names)
    return found.most_common(1)[0][0] if found else "none"


def _answered(content: Row | None, asked: Row) -> Rows:
    if content is None:
        return []
    if "probabilities" in content:
        label = content.get("label", content.get("intent"))
        return [{"label": label, **_sureness(list(content["probabilities"].values()))}]
    (tensor,) = content["outputs"]
    if tensor["datatype"] == "BYTES":
        texts = asked["inputs"][0]["data"]
        pairs = zip(texts, tensor["data"])  # noqa: B905  unknown to its Python
        return [{"unchanged": "yes" if a.strip() == b.strip() else "no"} for a, b in pairs]
    width = tensor["shape"][1]
    data = tensor["data"]
    cut = [data[start : start + width] for start in range(0, len(data), width)]
    if tensor["name"] == "PROBABILITIES":
        return [_sureness(row) for row in cut]
    return [{"embedding_norm": round(math.sqrt(sum(x * x for x in row)), 2)} for row in cut]


def _sureness(shares: Any) -> Row:
    entropy = -sum(share * math.log(max(share, 1e-9)) for share in shares)
    return {"confidence": max(shares), "entropy": entropy / math.log(max(2, len(shares)))}
