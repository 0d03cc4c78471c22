"""Signatures by a KMS key (ECC_NIST_P256, ECDSA_SHA_256), as `catalog.envelope` wants them.

The KMS client is handed in: Lambdas and build jobs share these lines and need no library for them.
Invariant: only the key that the caller names is trusted; nobody follows an envelope's key id.
"""

import hashlib
from typing import Any

from catalog.envelope import Sign, Verify

ALGORITHM = "ECDSA_SHA_256"


def kms_sign(kms: Any, key: str) -> Sign:
    """Return a signer under a KMS key.

    Args:
        kms: A boto3 KMS client that may `kms:Sign`.
        key: ARN, id or alias of an ECC_NIST_P256 key.
    """

    def sign(message: bytes) -> tuple[str, bytes]:
        answer = kms.sign(KeyId=key, SigningAlgorithm=ALGORITHM, **_digest_of(message))
        return str(answer["KeyId"]), bytes(answer["Signature"])

    return sign


def kms_verify(kms: Any, key: str) -> Verify:
    """Return a verifier that trusts one KMS key; the private half never leaves KMS."""

    def verify(_key_id: str, message: bytes, signature: bytes) -> bool:
        if not signature:
            return False
        try:
            answer = kms.verify(
                KeyId=key, SigningAlgorithm=ALGORITHM, Signature=signature, **_digest_of(message)
            )
        except kms.exceptions.KMSInvalidSignatureException:
            return False
        return bool(answer["SignatureValid"])

    return verify


def _digest_of(message: bytes) -> dict[str, Any]:
    # KMS takes 4096 bytes of message at most, so it is given the digest.
    return {"Message": hashlib.sha256(message).digest(), "MessageType": "DIGEST"}
