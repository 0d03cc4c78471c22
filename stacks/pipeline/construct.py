"""The model pipeline: CodePipeline V2, one execution after the other, started by a push."""

from collections.abc import Sequence

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.pipeline import Pipeline
from stacks import statements
from stacks.pipeline import stages


class ModelPipeline(Construct):
    """The pipeline `slipway-models`.

    Attributes:
        pipeline: The pipeline.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        source: Pipeline,
        bucket: s3.IBucket,
        stage_props: Sequence[codepipeline.StageProps],
    ) -> None:
        """Make the pipeline.

        Args:
            scope: The parent.
            id_: The construct id.
            source: The repository, its connection and branch.
            bucket: Where artifacts pass between stages.
            stage_props: Every stage after the source.
        """
        super().__init__(scope, id_)
        owner, repository = source.repository.split("/")
        checkout = actions.CodeStarConnectionsSourceAction(
            action_name="Source",
            connection_arn=source.connection_arn,
            owner=owner,
            repo=repository,
            branch=source.branch,
            output=stages.SOURCE,
            trigger_on_push=False,  # the trigger below does it, with a filter
        )
        self.pipeline = codepipeline.Pipeline(
            self,
            "Pipeline",
            pipeline_name="slipway-models",
            pipeline_type=codepipeline.PipelineType.V2,
            # A push waits for the one before it: two releases never meet in an environment.
            execution_mode=codepipeline.ExecutionMode.QUEUED,
            artifact_bucket=bucket,
            stages=[codepipeline.StageProps(stage_name="Source", actions=[checkout]), *stage_props],
            triggers=[_on_push(checkout, source.branch)],
        )
        # CDK allows the service's former name alone; ARNs of the new one need this too.
        use = statements.allow(["codeconnections:UseConnection"], [source.connection_arn])
        statements.grant(self._role_of("Source", "Source"), use)

    def _role_of(self, stage: str, action: str) -> iam.Role:
        """Return the role that the pipeline made for an action."""
        found = self.pipeline.node.find_child(stage).node.find_child(action)
        role = found.node.find_child("CodePipelineActionRole")
        assert isinstance(role, iam.Role)
        return role


def _on_push(checkout: codepipeline.IAction, branch: str) -> codepipeline.TriggerProps:
    return codepipeline.TriggerProps(
        provider_type=codepipeline.ProviderType.CODE_STAR_SOURCE_CONNECTION,
        git_configuration=codepipeline.GitConfiguration(
            source_action=checkout,
            push_filter=[codepipeline.GitPushFilter(branches_includes=[branch])],
        ),
    )
