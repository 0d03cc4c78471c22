"""What the rule packs find in the roles that CDK makes for pipelines and builds, acknowledged.

CDK grants an action of a pipeline what its artifacts need; it does so by wildcards, and per action:
each policy is about one action or one project. They end at the pipeline's own bucket and key.
"""

from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from stacks.acknowledge import acknowledge, acknowledge_wildcards
from stacks.statements import INLINE

ARTIFACT_ACTIONS = (
    "s3:Abort*",
    "s3:DeleteObject*",
    "s3:GetBucket*",
    "s3:GetObject*",
    "s3:List*",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)
ARTIFACTS = (
    "Artifacts of this pipeline alone: its own bucket, whose objects have names that CodePipeline"
    " makes up, and its own key."
)
INVOKED = "CDK lets the action find its function, and any version of that one function."
OWN_IMAGE = "The image is this project's own, built, scanned and named by digest in the pipeline."
OWN_LOGS = "CodeBuild names a log stream for each build; the group is this project's own."
LOGIN = "Signing in to ECR has no resource; what may be pulled is named beside it."


def of_pipeline(made: codepipeline.Pipeline, bucket: s3.IBucket, lambdas: Iterable[str]) -> None:
    """Acknowledge the findings in the roles of a pipeline and of its actions.

    Args:
        made: The pipeline.
        bucket: Its artifacts.
        lambdas: The ARNs of the Lambdas that it invokes.
    """
    invoked = [f"{arn}:*" for arn in lambdas]
    for found in made.node.find_all():
        if isinstance(found, iam.Policy):
            acknowledge(found, INLINE, "NIST.800.53.R5-IAMNoInlinePolicy")
            acknowledge_wildcards(found, ARTIFACTS, *ARTIFACT_ACTIONS, f"{bucket.bucket_arn}/*")
            acknowledge_wildcards(found, INVOKED, "*", *invoked)


def of_project(made: codebuild.Project, bucket: s3.IBucket, *, own_image: bool) -> None:
    """Acknowledge the findings in a project's role, and in its image if that is one of ours."""
    role = made.role
    assert role is not None, "CDK makes one"
    policy = role.node.try_find_child("DefaultPolicy")
    assert policy is not None, "CDK lets it write logs"
    stack = Stack.of(made)
    logs = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:/aws/codebuild/"
    acknowledge(policy, INLINE, "NIST.800.53.R5-IAMNoInlinePolicy")
    acknowledge_wildcards(policy, ARTIFACTS, *ARTIFACT_ACTIONS, f"{bucket.bucket_arn}/*")
    acknowledge_wildcards(policy, OWN_LOGS, f"{logs}{made.project_name}:*")
    if own_image:
        acknowledge_wildcards(policy, LOGIN, "*")
        acknowledge(made, OWN_IMAGE, "AwsSolutions-CB5")
