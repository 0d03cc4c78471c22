"""Signed documents: DSSE v1 envelopes (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md).

Written here in a few lines because Lambdas verify envelopes and carry the standard library alone
(docs/adr/0004).
Law: `open_envelope(seal(d, t, s), t, v) == d` if and only if `v` accepts what `s` made over
exactly these bytes.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from catalog import digest

MANIFEST_TYPE = "application/vnd.slipway.manifest+json"
RELEASE_TYPE = "application/vnd.slipway.release+json"

Sign = Callable[[bytes], tuple[str, bytes]]
"""Signs a message; returns the key's id and the signature."""
Verify = Callable[[str, bytes, bytes], bool]
"""Says whether (key id, message, signature) hold together under a trusted key."""


class BadSignature(Exception):
    """A document's signature is missing, of another type, or does not fit its bytes."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that DSSE signs: type and payload with their lengths."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(document: Mapping[str, Any], payload_type: str, sign: Sign) -> bytes:
    """Return the envelope of a document, signed once."""
    payload = digest.canonical(document)
    key, signature = sign(pre_authentication_encoding(payload_type, payload))
    return digest.canonical(
        {
            "payloadType": payload_type,
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": key, "sig": base64.b64encode(signature).decode()}],
        }
    )


def open_envelope(envelope: bytes, payload_type: str, verify: Verify) -> dict[str, Any]:
    """Return the document inside an envelope after its signature was checked.

    Raises:
        BadSignature: Not an envelope, of another type, or no signature fits.
    """
    try:
        outer = json.loads(envelope)
        payload = base64.b64decode(outer["payload"], validate=True)
        signatures = [
            (item["keyid"], base64.b64decode(item["sig"], validate=True))
            for item in outer["signatures"]
        ]
        found_type = outer["payloadType"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadSignature(f"not a DSSE envelope: {error!r}") from error
    if found_type != payload_type:
        raise BadSignature(f"payloadType {found_type!r}: expected {payload_type!r}")
    message = pre_authentication_encoding(payload_type, payload)
    if not any(verify(key, message, signature) for key, signature in signatures):
        raise BadSignature(
            "no signature of this envelope fits its bytes; restore it from its bucket's versions"
        )
    document = json.loads(payload)
    if digest.canonical(document) != payload:
        raise BadSignature("the payload is signed, but is not canonical JSON")
    assert isinstance(document, dict)
    return document
