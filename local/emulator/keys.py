"""A correction of MiniStack's KMS: keys of other accounts, and aliases before IAM.

On AWS a key, or an alias of it, can be named by its ARN from any account: what is asked for is
always the key, and both its policy and the caller's must allow. MiniStack looks in the caller's
account alone and asks IAM about the alias.
"""

from typing import Any

from ministack.core.responses import get_account_id, request_scope
from ministack.services import kms

from local.emulator.hooks import wrap


def install() -> None:
    """Put the correction in."""
    wrap("ministack.services.kms", "_resolve_key", _anywhere)
    wrap("ministack.services.kms", "key_policy_for_arn", _with_owner)
    wrap("ministack.core.iam_actions", "extract_resource_arn", _of_the_key)


def _place_of(name: str) -> tuple[str, str] | None:
    """Return account and region of a key's or alias's ARN; None for a plain name."""
    parts = name.split(":", 5)
    return (parts[4], parts[3]) if len(parts) == 6 and parts[2] == "kms" else None


def _anywhere(original: Any) -> Any:
    def resolve(name: str) -> Any:
        place = _place_of(name or "")
        if place is None or place[0] == get_account_id():
            return original(name)
        with request_scope(*place):
            return original(name)

    return resolve


def _with_owner(original: Any) -> Any:
    def find(arn: str) -> Any:
        found = original(arn)
        place = _place_of(arn)
        return (found[0], place[0]) if found and place else found

    return find


def _of_the_key(original: Any) -> Any:
    def extract(service: str, *arguments: Any, **named: Any) -> Any:
        arn = original(service, *arguments, **named)
        if service == "kms" and ":alias/" in str(arn):
            key = kms._resolve_key(arn)
            return key["Arn"] if key else arn
        return arn

    return extract
