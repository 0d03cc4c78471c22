"""Findings of the rule packs that are meant so: each bound to one construct, with its reason.

Write the acknowledgement beside the construct that it is about. A rule that a construct breaks
anew, or that another construct breaks, is a finding again.
"""

import re
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct

_ACTION = re.compile(r"^[a-z0-9-]+:[A-Za-z*]+$")


def add_rule_packs(app: cdk.App) -> None:
    """Let the synth of an app fail on findings of AwsSolutions and NIST 800-53 revision 5."""
    import cdk_nag  # not above: it loads for half a second, and most synths run without the packs

    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(), cdk_nag.NIST80053R5Checks())


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Acknowledge that a construct breaks rules, for a reason.

    Args:
        construct: The one construct.
        reason: Why it is right here: what a reviewer would ask.
        rules: Such as `AwsSolutions-S1` or `NIST.800.53.R5-LambdaDLQ`.
    """
    cdk.Validations.of(construct).acknowledge(
        *(
            cdk.Acknowledgment(id=f"{rule.partition('-')[0]}::{rule}", reason=reason)
            for rule in rules
        )
    )


def acknowledge_wildcards(construct: IConstruct, reason: str, *wildcards: str) -> None:
    """Acknowledge wildcards in the policies of a construct, each by its name.

    Args:
        construct: A policy, or a role with its default policy.
        reason: Why nothing narrower does.
        wildcards: Resources (ARNs, tokens of the same stack allowed), or actions such as
            `s3:GetObject*`.
    """
    found = map(_flat, cdk.Stack.of(construct).resolve(list(wildcards)))
    kinds = (("Action" if _ACTION.match(item) else "Resource", item) for item in found)
    acknowledge(construct, reason, *(f"AwsSolutions-IAM5[{kind}::{item}]" for kind, item in kinds))


def _flat(value: Any) -> str:
    """Return an intrinsic function as the rule packs spell it: `<Bucket83908E77.Arn>/live/*`."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        delimiter, parts = argument
        return str(delimiter).join(_flat(part) for part in parts)
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    return f"<{argument}>" if function == "Ref" else _flat(argument)
