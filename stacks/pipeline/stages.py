"""The stages of the model pipeline, from the plan to the pointer of the last environment."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from stacks.pipeline.source import SOURCE

RELEASE = "#{Release.RELEASE}"
EXECUTION = "#{codepipeline.PipelineExecutionId}"  # joins the logs of one execution
PLAN = codepipeline.Artifact("Plan")
IMAGES = codepipeline.Artifact("Images")


def build(
    name: str,
    project: codebuild.IProject,
    *,
    inputs: Sequence[codepipeline.Artifact] = (),
    outputs: Sequence[codepipeline.Artifact] = (),
    variables: Mapping[str, str] | None = None,
    namespace: str | None = None,
    run_order: int = 1,
) -> actions.CodeBuildAction:
    """Return a build of the pushed commit, with further artifacts beside it."""
    return actions.CodeBuildAction(
        action_name=name,
        project=project,
        input=SOURCE,
        extra_inputs=list(inputs) or None,
        outputs=list(outputs) or None,
        environment_variables={
            key: codebuild.BuildEnvironmentVariable(value=value)
            for key, value in (variables or {}).items()
        }
        or None,
        variables_namespace=namespace,
        run_order=run_order,
    )


def plan(project: codebuild.IProject, images: codebuild.IProject) -> codepipeline.StageProps:
    """Find the (model, target) pairs without an artifact, and the images that are not built."""
    return codepipeline.StageProps(
        stage_name="Plan",
        actions=[
            build("Plan", project, outputs=[PLAN], namespace="Plan"),
            build("Images", images, outputs=[IMAGES]),
        ],
    )


def compile_all(projects: Mapping[str, codebuild.IProject]) -> codepipeline.StageProps:
    """Compile what is missing, all accelerators at once."""
    return codepipeline.StageProps(
        stage_name="Build",
        actions=[
            build(f"Compile-{accelerator}", project, inputs=[PLAN])
            for accelerator, project in projects.items()
        ],
    )


def register(project: codebuild.IProject, function: lambda_.IFunction) -> codepipeline.StageProps:
    """Sign the release, then register its models.

    Both write under digests alone, so the stage tries once more by itself. A gate's verdict, on the
    contrary, would be the same again.
    """
    return codepipeline.StageProps(
        stage_name="Register",
        actions=[
            build("Release", project, inputs=[PLAN], namespace="Release"),
            invoke("Register", function, "tooling", run_order=2),
        ],
        on_failure=codepipeline.FailureConditions(
            result=codepipeline.Result.RETRY, retry_mode=codepipeline.RetryMode.FAILED_ACTIONS
        ),
    )


def invoke(
    name: str,
    function: lambda_.IFunction,
    environment: str,
    *,
    run_order: int,
    role: iam.IRole | None = None,
) -> actions.LambdaInvokeAction:
    """Return a call of one of our Lambdas, about the release and an environment.

    Args:
        name: The action's name.
        function: The Lambda.
        environment: The environment, or `tooling`.
        run_order: When in its stage.
        role: Under which it is called, where it is in another account.
    """
    return actions.LambdaInvokeAction(
        action_name=name,
        lambda_=function,
        user_parameters={"environment": environment, "release": RELEASE, "execution": EXECUTION},
        run_order=run_order,
        role=role,
    )
