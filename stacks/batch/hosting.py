"""What all parts of one batch job share: place, network, permissions, logs, readers."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.accounts import Place
from stacks.notify.construct import Topics
from stacks.retention import log_retention


@dataclass(frozen=True)
class JobHosting:
    """One job's surroundings.

    Attributes:
        place: Where it runs.
        images: Where the image repositories are.
        vpc: The network.
        subnets: Where in it machines are.
        role: What its code may do.
        key: What encrypts its logs.
        log_days: How long they are kept.
        topics: Who hears of a run that ended badly.
    """

    place: Place
    images: Place
    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    role: iam.IRole
    key: kms.IKey
    log_days: int
    topics: Topics

    def log_group(self, scope: Construct, name: str | None = None) -> logs.LogGroup:
        """Make a log group that goes with its stack."""
        return logs.LogGroup(
            scope,
            "Logs",
            log_group_name=name,
            retention=log_retention(self.log_days),
            encryption_key=self.key,
            removal_policy=RemovalPolicy.DESTROY,
        )
