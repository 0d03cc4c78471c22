"""Where a pipeline's code comes from, and which pushes start it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_iam as iam

from catalog.pipeline import PathFilter, Pipeline
from stacks import statements

SOURCE = codepipeline.Artifact("Source")
COMMIT = "#{Source.CommitId}"

IMAGES = "model_build/images"  # the images that builds run in
# What deploys: a push of it starts the infrastructure pipeline, which starts the models' at its
# end. `*` stays within a folder.
INFRASTRUCTURE = (
    "{app.py,*.json}",
    "catalog/*",
    "catalog/environments/**",
    "lambdas/**",
    f"{IMAGES}/**",
    "requirements/**",
    "serving/**",
    "stacks/**",
)
# What makes artifacts. The two share no path, so one push never has them change the same stack.
MODELS = ("catalog/models/**", "model_build/**")
NOT_MODELS = (f"{IMAGES}/**",)


@dataclass(frozen=True)
class Source:
    """The repository as a pipeline sees it.

    Attributes:
        pipeline: The tooling's data: repository, branch, connection.
        paths: Which changed files start the pipeline.
    """

    pipeline: Pipeline
    paths: PathFilter

    def action(self) -> actions.CodeStarConnectionsSourceAction:
        """Return the source action; the trigger starts the pipeline, not the action."""
        owner, repository = self.pipeline.repository.split("/")
        return actions.CodeStarConnectionsSourceAction(
            action_name="Source",
            connection_arn=self.pipeline.connection_arn,
            owner=owner,
            repo=repository,
            branch=self.pipeline.branch,
            output=SOURCE,
            variables_namespace="Source",
            trigger_on_push=False,
        )

    def trigger(self, checkout: codepipeline.IAction) -> codepipeline.TriggerProps:
        """Return the push trigger with its filters."""
        return codepipeline.TriggerProps(
            provider_type=codepipeline.ProviderType.CODE_STAR_SOURCE_CONNECTION,
            git_configuration=codepipeline.GitConfiguration(
                source_action=checkout,
                push_filter=[
                    codepipeline.GitPushFilter(
                        branches_includes=[self.pipeline.branch],
                        file_paths_includes=_none_if_empty(self.paths.includes),
                        file_paths_excludes=_none_if_empty(self.paths.excludes),
                    )
                ],
            ),
        )


def models_filter(pipeline: Pipeline) -> PathFilter:
    """Return which changed files start the model pipeline: as the data says, else what it makes."""
    return PathFilter(
        includes=pipeline.paths.includes or MODELS,
        excludes=(*NOT_MODELS, *pipeline.paths.excludes),
    )


def may_use_connection(made: codepipeline.Pipeline, connection_arn: str) -> None:
    """Let the source action use the connection: CDK allows the service's former name alone."""
    found = made.node.find_child("Source").node.find_child("Source")
    role = found.node.find_child("CodePipelineActionRole")
    assert isinstance(role, iam.Role)
    use = statements.allow(["codeconnections:UseConnection"], [connection_arn])
    statements.grant(role, use)


def _none_if_empty(globs: Sequence[str]) -> list[str] | None:
    return list(globs) or None
