"""The stages of the infrastructure pipeline: from images to the stacks of the last environment."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_sns as sns

from catalog.environment import Environment
from stacks.pipeline.source import COMMIT
from stacks.pipeline.stages import IMAGES, build

ASSEMBLY = codepipeline.Artifact("Assembly")


@dataclass(frozen=True)
class Steps:
    """What the stages are made of.

    Attributes:
        images: The build that makes images.
        synth: The build that makes templates.
        deploy: The build that deploys them.
        notices: Where it is told that an approval waits.
    """

    images: codebuild.IProject
    synth: codebuild.IProject
    deploy: codebuild.IProject
    notices: sns.ITopic

    def make(self) -> list[codepipeline.StageProps]:
        """Make images, then the templates, which name them by digest."""
        images = build("Images", self.images, outputs=[IMAGES])
        synth = build("Synth", self.synth, inputs=[IMAGES], outputs=[ASSEMBLY])
        return [
            codepipeline.StageProps(stage_name="Images", actions=[images]),
            codepipeline.StageProps(stage_name="Synth", actions=[synth]),
        ]

    def change(self, name: str, stacks: str) -> codepipeline.StageProps:
        """Deploy stacks, given as the words that `cdk deploy` takes.

        A failed deployment is rolled back by CloudFormation itself, stack by stack.
        """
        action = build("Deploy", self.deploy, inputs=[ASSEMBLY], variables={"STACKS": stacks})
        return codepipeline.StageProps(stage_name=name, actions=[action])

    def base(self, environment: Environment) -> list[codepipeline.StageProps]:
        """Deploy the base of an environment, once it is approved where its data asks for that."""
        name = environment.name
        deployment = self.change(f"Base-{name}", f"--exclusively slipway-{name}-base")
        if not environment.approval:
            return [deployment]
        action = actions.ManualApprovalAction(
            action_name="Approve",
            notification_topic=self.notices,
            additional_information=f"Change the base of {name}? Commit {COMMIT}"
            " by #{Source.AuthorDisplayName}: #{Source.CommitMessage}.",
        )
        return [codepipeline.StageProps(stage_name=f"Approve-{name}", actions=[action]), deployment]


def start_models(target: codepipeline.IPipeline) -> codepipeline.StageProps:
    """Start the model pipeline on the same commit, so that what it deploys follows too."""
    action = actions.PipelineInvokeAction(
        action_name="Start",
        target_pipeline=target,
        source_revisions=[
            actions.SourceRevision(
                action_name="Source",
                revision_type=actions.RevisionType.COMMIT_ID,
                revision_value=COMMIT,
            )
        ],
    )
    return codepipeline.StageProps(stage_name="Models", actions=[action])


def all_stages(
    steps: Steps,
    environments: Sequence[Environment],
    *,
    own: str,
    tooling: str,
    models: codepipeline.IPipeline,
) -> list[codepipeline.StageProps]:
    """Return every stage after the source.

    Args:
        steps: What they are made of.
        environments: In the order of promotion.
        own: The stack that holds this pipeline: it changes itself before it changes anything else.
        tooling: The stack of the model pipeline, with the stacks that it needs.
        models: The model pipeline.
    """
    return [
        *steps.make(),
        steps.change("Self", f"--exclusively {own}"),
        steps.change("Tooling", tooling),
        *(stage for item in environments for stage in steps.base(item)),
        start_models(models),
    ]
