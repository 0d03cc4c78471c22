"""Signatures of manifests and releases: DSSE envelopes under a KMS key.

Law: a signed document whose envelope changed in any meaningful byte does not open
(`tests/model_build/test_sign.py`). Whoever holds the public key can verify without AWS.
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from catalog.envelope import Sign, Verify
from catalog.signature import kms_sign, kms_verify

__all__ = ["Sign", "Verify", "kms_sign", "kms_verify", "public_key_of", "public_key_verify"]


def public_key_of(kms: Any, key: str) -> bytes:
    """Return the public half of a KMS key, DER."""
    return bytes(kms.get_public_key(KeyId=key)["PublicKey"])


def public_key_verify(public_key: bytes) -> Verify:
    """Return a verifier that trusts one public key and needs no network.

    Args:
        public_key: SubjectPublicKeyInfo in DER, as `public_key_of` returns it.

    Raises:
        TypeError: The key is not one of an elliptic curve.
    """
    key = load_der_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError(f"public key of type {type(key).__name__}: make an ECC_NIST_P256 key")

    def verify(_key_id: str, message: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    return verify
