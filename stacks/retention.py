"""Log groups: how long they are kept, as the catalog says it, and what encrypts them."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_retention(days: int) -> logs.RetentionDays:
    """Return the retention of a log group in CDK's type."""
    return _RETENTION[days]


def log_group(
    scope: Construct,
    id_: str,
    *,
    retention: logs.RetentionDays,
    key: kms.IKey,
    name: str | None = None,
) -> logs.LogGroup:
    """Make an encrypted log group that goes with its stack.

    Args:
        scope: The parent.
        id_: The construct id.
        retention: How long its lines are kept.
        key: A key of `stacks.storage.construct.data_key`, which admits CloudWatch Logs.
        name: A physical name, where a service demands one.
    """
    return logs.LogGroup(
        scope,
        id_,
        log_group_name=name,
        retention=retention,
        encryption_key=key,
        removal_policy=RemovalPolicy.DESTROY,
    )
