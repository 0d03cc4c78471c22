"""A correction of MiniStack's IAM: whom `aws:PrincipalArn` names.

On AWS it is the ARN of the role that a session stands for, never the session's own; policies that
admit another account's roles by the beginning of their names rest on it. MiniStack takes the
session's ARN, and for another account's bucket that account's root.
"""

import re
from typing import Any

from ministack.core import iam_evaluator

from local.emulator.hooks import wrap

_SESSION = re.compile(r"^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+$")


def install() -> None:
    """Put the correction in."""
    wrap("ministack.core.iam_evaluator", "_resolve_condition_key", _with_roles)


def role_of(principal: str) -> str:
    """Return the role that a session's ARN stands for; any other ARN as it is.

    A role with a path loses it: the session's ARN has none.
    """
    found = _SESSION.match(principal)
    if found is None:
        return principal
    partition, account, role = found.groups()
    return f"arn:{partition}:iam::{account}:role/{role}"


def _with_roles(original: Any) -> Any:
    def resolve(key: str, context: Any) -> Any:
        value = original(key, context)
        if key.lower() != "aws:principalarn" or not value:
            return value
        caller = role_of(iam_evaluator.caller_arn() or "")
        if value.endswith(":root") and caller.split(":")[4:5] == value.split(":")[4:5]:
            return caller
        return role_of(value)

    return resolve
