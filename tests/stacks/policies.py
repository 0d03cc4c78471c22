"""Asks IAM policies of templates what they allow, as far as these tests need: no Deny, no Not*."""

import json
from fnmatch import fnmatchcase
from typing import Any

from tests.stacks.conftest import Template, as_list


def allows(statements: list[dict[str, Any]], action: str, resource: Any) -> bool:
    """Say whether a role's own policy allows an action on a resource, whatever its conditions."""
    return any(_covers(item, action, resource) for item in statements)


def admits(document: dict[str, Any], role: str, action: str, resource: Any = "*") -> bool:
    """Say whether a resource's policy lets a role of another account do something.

    Args:
        document: The policy of a bucket, key or repository, or the trust policy of a role.
        role: The ARN of the role.
        action: What it does.
        resource: What it does it to.
    """
    return any(
        _names(item, role) and _covers(item, action, resource) for item in document["Statement"]
    )


def _names(statement: dict[str, Any], role: str) -> bool:
    account = role.split(":")[4]
    principals = statement["Principal"].get("AWS", [])
    if not any(f":{account}:root" in json.dumps(item) for item in as_list(principals)):
        return False
    bound = statement.get("Condition", {}).get("ArnLike", {}).get("aws:PrincipalArn", "*")
    return any(fnmatchcase(role, pattern) for pattern in as_list(bound))


def _covers(statement: dict[str, Any], action: str, resource: Any) -> bool:
    if statement["Effect"] != "Allow":
        return False
    if not any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"])):
        return False
    patterns = [flat(item) for item in as_list(statement.get("Resource", "*"))]
    return any(fnmatchcase(flat(resource), pattern) for pattern in patterns)


def flat(value: Any) -> str:
    """Return an intrinsic function as one string: references stand in angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(flat(part) for part in argument[1])
    return f"<{argument if isinstance(argument, str) else '.'.join(argument)}>"


def bucket_policy(template: Template, bucket: str) -> dict[str, Any]:
    """Return the policy of the bucket with a physical name."""
    found = template.named("AWS::S3::Bucket", "BucketName", bucket)
    reference = {"Ref": found.logical_id}
    document: dict[str, Any] = template.named(
        "AWS::S3::BucketPolicy", "Bucket", reference
    ).properties["PolicyDocument"]
    return document
