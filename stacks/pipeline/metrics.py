"""What tells that a pipeline does not deliver."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline

from stacks.alarms import Alarm


def pipeline_failed(pipeline: codepipeline.Pipeline, name: str) -> Alarm:
    """Ring when an execution of the pipeline `name` failed."""
    return Alarm(
        id="PipelineFailed",
        name=f"{name}-failed",
        summary=f"An execution of {name} failed: nothing went on past that stage.",
        runbook="pipelines.md#an-execution-failed",
        metric=cloudwatch.Metric(
            namespace="AWS/CodePipeline",
            metric_name="FailedPipelineExecutions",
            dimensions_map={"PipelineName": pipeline.pipeline_name},
            statistic="Sum",
            period=Duration.minutes(5),
        ),
        threshold=0,
    )


def builds_failed(name: str, project: codebuild.IProject) -> Alarm:
    """Ring when a build of a project failed."""
    return Alarm(
        id=f"BuildsFailed-{name}",
        name=f"slipway-{name}-builds-failed",
        summary=f"A build of slipway-{name} failed: read its log.",
        runbook="pipelines.md#a-build-failed",
        metric=project.metric_failed_builds(period=Duration.minutes(5)),
        threshold=0,
    )
