"""The stages of the model pipeline, from the source to the pointer of the last environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_lambda as lambda_

RELEASE = "#{Release.RELEASE}"
EXECUTION = "#{codepipeline.PipelineExecutionId}"  # joins the logs of one execution
SOURCE = codepipeline.Artifact("Source")
PLAN = codepipeline.Artifact("Plan")


@dataclass(frozen=True)
class Promotion:
    """What promotes into one environment: its Lambdas, and whether a person is asked."""

    environment: str
    approval: bool
    promote: lambda_.IFunction
    verify: lambda_.IFunction
    point: lambda_.IFunction


def plan(project: codebuild.IProject) -> codepipeline.StageProps:
    """Find out which (model, target) pairs have no artifact for their key."""
    action = actions.CodeBuildAction(
        action_name="Plan", project=project, input=SOURCE, outputs=[PLAN]
    )
    return codepipeline.StageProps(stage_name="Plan", actions=[action])


def build(projects: Mapping[str, codebuild.IProject]) -> codepipeline.StageProps:
    """Compile what is missing, all accelerators at once."""
    return codepipeline.StageProps(
        stage_name="Build",
        actions=[
            actions.CodeBuildAction(
                action_name=f"Compile-{accelerator}",
                project=project,
                input=SOURCE,
                extra_inputs=[PLAN],
            )
            for accelerator, project in projects.items()
        ],
    )


def register(project: codebuild.IProject, function: lambda_.IFunction) -> codepipeline.StageProps:
    """Sign the release, then register its models."""
    sign = actions.CodeBuildAction(
        action_name="Release",
        project=project,
        input=SOURCE,
        extra_inputs=[PLAN],
        variables_namespace="Release",
        run_order=1,
    )
    return codepipeline.StageProps(
        stage_name="Register",
        actions=[sign, _invoke("Register", function, "tooling", run_order=2)],
    )


def deploy(promotion: Promotion, project: codebuild.IProject) -> codepipeline.StageProps:
    """Copy the release's bytes, deploy it, see that it answers, and only then move the pointer."""
    name = promotion.environment
    variables = {"ENVIRONMENT": name, "RELEASE": RELEASE}
    steps: list[codepipeline.IAction] = [
        _invoke("Promote", promotion.promote, name, run_order=2),
        actions.CodeBuildAction(
            action_name="Deploy",
            project=project,
            input=SOURCE,
            environment_variables={
                key: codebuild.BuildEnvironmentVariable(value=value)
                for key, value in variables.items()
            },
            run_order=3,
        ),
        _invoke("Verify", promotion.verify, name, run_order=4),
        _invoke("Point", promotion.point, name, run_order=5),
    ]
    return codepipeline.StageProps(
        stage_name=f"Deploy-{name}", actions=[*_approval(promotion), *steps]
    )


def _approval(promotion: Promotion) -> Sequence[codepipeline.IAction]:
    if not promotion.approval:
        return []
    return [
        actions.ManualApprovalAction(
            action_name="Approve",
            additional_information=f"Release {RELEASE} to {promotion.environment}?",
            run_order=1,
        )
    ]


def _invoke(
    name: str, function: lambda_.IFunction, environment: str, *, run_order: int
) -> actions.LambdaInvokeAction:
    return actions.LambdaInvokeAction(
        action_name=name,
        lambda_=function,
        user_parameters={"environment": environment, "release": RELEASE, "execution": EXECUTION},
        run_order=run_order,
    )
