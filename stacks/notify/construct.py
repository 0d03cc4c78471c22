"""Whom alarms reach: an environment's topics `page` and `inform`, encrypted, and their readers."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from catalog.environment import Environment
from stacks import names
from stacks.accounts import Place

PUBLISHERS = ("cloudwatch.amazonaws.com", "events.amazonaws.com")


@dataclass(frozen=True)
class Topics:
    """Where alarms tell: `page` wakes somebody, `inform` is read by day."""

    page: sns.ITopic
    inform: sns.ITopic

    @staticmethod
    def create(scope: Construct, id_: str, *, environment: Environment, place: Place) -> "Topics":
        """Make both topics, the key that encrypts them, and their e-mail subscriptions."""
        parent = Construct(scope, id_)
        key = _key(parent, environment.name, place)
        readers = environment.alarms
        return Topics(
            _topic(parent, "Page", environment.name, readers.page, key, place),
            _topic(parent, "Inform", environment.name, readers.inform, key, place),
        )

    @staticmethod
    def of(scope: Construct, *, environment: str, place: Place) -> "Topics":
        """Return the topics of an environment as another of its stacks sees them."""
        page, inform = (
            sns.Topic.from_topic_arn(
                scope, f"{which}Topic", place.arn("sns", names.topic(environment, which.lower()))
            )
            for which in ("Page", "Inform")
        )
        return Topics(page, inform)


def _key(scope: Construct, environment: str, place: Place) -> kms.Key:
    key = kms.Key(
        scope,
        "Key",
        description=f"Notifications of {environment}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,  # it keeps nothing: messages are gone once delivered
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            # The AWS-managed key of SNS does not let CloudWatch publish: its alarms would be mute.
            principals=[iam.ServicePrincipal(name) for name in PUBLISHERS],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": place.account}},
        )
    )
    return key


def _topic(
    scope: Construct, id_: str, environment: str, emails: Sequence[str], key: kms.IKey, place: Place
) -> sns.Topic:
    topic = sns.Topic(
        scope,
        id_,
        topic_name=names.topic(environment, id_.lower()),
        master_key=key,
        enforce_ssl=True,
    )
    # A topic with a policy of its own loses the default one, which let the account's alarms in.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(name) for name in PUBLISHERS],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": place.account}},
        )
    )
    for email in emails:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic
