"""A pipeline of ours: CodePipeline V2, started by a push."""

from collections.abc import Sequence

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.pipeline import findings
from stacks.pipeline.source import Source, may_use_connection


class PushPipeline(Construct):
    """A pipeline whose first stage is the pushed commit.

    Attributes:
        pipeline: The pipeline.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        source: Source,
        bucket: s3.IBucket,
        mode: codepipeline.ExecutionMode,
        stages: Sequence[codepipeline.StageProps],
        restart_on_update: bool = False,
        lambdas: Sequence[str] = (),
    ) -> None:
        """Make the pipeline.

        Args:
            scope: The parent.
            id_: The construct id.
            name: Its name.
            source: The repository, and which pushes start it.
            bucket: Where artifacts pass between stages.
            mode: What an execution does that meets another one.
            stages: Every stage after the source.
            restart_on_update: Whether a change of the pipeline runs the newest commit again.
            lambdas: The ARNs of the Lambdas that the stages invoke.
        """
        super().__init__(scope, id_)
        checkout = source.action()
        self.pipeline = codepipeline.Pipeline(
            self,
            "Pipeline",
            pipeline_name=name,
            pipeline_type=codepipeline.PipelineType.V2,
            execution_mode=mode,
            artifact_bucket=bucket,
            stages=[codepipeline.StageProps(stage_name="Source", actions=[checkout]), *stages],
            triggers=[source.trigger(checkout)],
            restart_execution_on_update=restart_on_update,
        )
        may_use_connection(self.pipeline, source.pipeline.connection_arn)
        findings.of_pipeline(self.pipeline, bucket, lambdas)
