import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.envelope import MANIFEST_TYPE, RELEASE_TYPE, BadSignature, open_envelope, seal
from model_build.sign import kms_sign, kms_verify, public_key_of, public_key_verify

DOCUMENT = {"model": "speller", "archive": {"sha256": "ab" * 32, "size": 7}}


@pytest.fixture(scope="module")
def envelope(kms, signing_key):
    return seal(DOCUMENT, MANIFEST_TYPE, kms_sign(kms, signing_key))


@pytest.fixture(scope="module")
def offline(kms, signing_key):
    return public_key_verify(public_key_of(kms, signing_key))


def meaning(envelope: bytes):
    """What a reader takes from an envelope; two texts of one meaning are one document."""
    try:
        outer = json.loads(envelope)
        return (
            outer["payloadType"],
            base64.b64decode(outer["payload"], validate=True),
            [base64.b64decode(item["sig"], validate=True) for item in outer["signatures"]],
        )
    except (ValueError, KeyError, TypeError):
        return None


def test_a_signed_document_opens_with_kms_and_with_the_public_key_alone(
    envelope, kms, signing_key, offline
):
    assert open_envelope(envelope, MANIFEST_TYPE, kms_verify(kms, signing_key)) == DOCUMENT
    assert open_envelope(envelope, MANIFEST_TYPE, offline) == DOCUMENT


@given(position=st.integers(min_value=0), flip=st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_any_changed_byte_that_changes_the_meaning_closes_the_envelope(
    envelope, offline, position, flip
):
    at = position % len(envelope)
    changed = envelope[:at] + bytes([envelope[at] ^ flip]) + envelope[at + 1 :]

    try:
        opened = open_envelope(changed, MANIFEST_TYPE, offline)
    except BadSignature:
        return
    assert opened == DOCUMENT
    assert meaning(changed) == meaning(envelope)


def test_a_signature_of_one_document_does_not_fit_another(envelope, kms, signing_key):
    outer = json.loads(envelope)
    other = json.dumps({**DOCUMENT, "model": "other"}, sort_keys=True, separators=(",", ":"))
    outer["payload"] = base64.b64encode(other.encode()).decode()

    with pytest.raises(BadSignature, match="fits its bytes"):
        open_envelope(json.dumps(outer).encode(), MANIFEST_TYPE, kms_verify(kms, signing_key))


def test_a_manifest_cannot_be_passed_off_as_a_release(envelope, offline):
    with pytest.raises(BadSignature, match="payloadType"):
        open_envelope(envelope, RELEASE_TYPE, offline)


def test_a_key_that_is_not_ours_is_not_trusted_whatever_the_envelope_says(envelope, kms):
    stranger = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]

    with pytest.raises(BadSignature):
        open_envelope(envelope, MANIFEST_TYPE, kms_verify(kms, stranger))


def test_an_envelope_without_signatures_does_not_open(envelope, offline):
    outer = {**json.loads(envelope), "signatures": []}

    with pytest.raises(BadSignature):
        open_envelope(json.dumps(outer).encode(), MANIFEST_TYPE, offline)
