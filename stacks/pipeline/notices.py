"""Whom the pipelines tell: of executions that fail, and of approvals that wait."""

from collections.abc import Sequence

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.notify.construct import PUBLISHERS, Topics


class Notices(Construct):
    """An encrypted topic with e-mail subscribers.

    Attributes:
        topic: The topic.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, key: kms.Key, emails: Sequence[str]
    ) -> None:
        """Make the topic.

        Args:
            scope: The parent.
            id_: The construct id.
            name: Its name.
            key: Encrypts what is said; its policy comes to let AWS's services use it.
            emails: Who hears; each confirms once.
        """
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", topic_name=name, master_key=key, enforce_ssl=True)
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        services = [iam.ServicePrincipal(name) for name in PUBLISHERS]
        use = ["kms:Decrypt", "kms:GenerateDataKey"]
        allowed = iam.PolicyStatement(principals=services, actions=use, resources=["*"])
        key.add_to_resource_policy(allowed)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=services, actions=["sns:Publish"], resources=[self.topic.topic_arn]
            )
        )

    @property
    def topics(self) -> Topics:
        """Return the topic as alarms take it: nobody is woken by a pipeline."""
        return Topics(page=self.topic, inform=self.topic)

    def of_failures(self, pipeline: codepipeline.Pipeline) -> None:
        """Tell of each execution of a pipeline that fails, by its id."""
        rule = events.Rule(
            self,
            "Failed",
            description="An execution of a pipeline failed.",
            event_pattern=events.EventPattern(
                source=["aws.codepipeline"],
                detail_type=["CodePipeline Pipeline Execution State Change"],
                resources=[pipeline.pipeline_arn],
                detail={"state": ["FAILED"]},
            ),
        )
        message = events.RuleTargetInput.from_text(
            f"{events.EventField.from_path('$.detail.pipeline')}: execution"
            f" {events.EventField.from_path('$.detail.execution-id')} failed."
            " Nothing goes on past the stage that failed."
        )
        rule.add_target(targets.SnsTopic(self.topic, message=message))
