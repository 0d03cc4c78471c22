"""The stack `slipway-infrastructure`: the pipeline that deploys every other stack, and itself."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_codepipeline as codepipeline
from constructs import Construct

from catalog.environment import Environment
from catalog.images import Images, needed
from catalog.pipeline import PathFilter, Pipeline
from stacks.accounts import Place
from stacks.build.construct import BuildProject, Workshop
from stacks.images.construct import ImageRepositories
from stacks.infrastructure.projects import project_specs
from stacks.infrastructure.stages import Steps, all_stages
from stacks.outputs import output
from stacks.pipeline import metrics
from stacks.pipeline.construct import PushPipeline
from stacks.pipeline.notices import Notices
from stacks.pipeline.source import INFRASTRUCTURE, Source
from stacks.retention import log_retention
from stacks.storage.construct import data_key, log_bucket, store_bucket

NAME = "slipway-infrastructure"


class InfrastructureStack(cdk.Stack):
    """Image repositories, and the self-mutating pipeline.

    The model pipeline is in the tooling's stack, which this one deploys: so it changes only where
    its definition does, and keeps its rollback targets else.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        pipeline: Pipeline,
        environments: Sequence[Environment],
        images: Images,
        tooling: str,
        models: str,
    ) -> None:
        """Wire the stack.

        Args:
            scope: The app.
            pipeline: Repository, branch, builders, retention.
            environments: Those deployed to, in order.
            images: The images of this commit.
            tooling: The name of the tooling's stack.
            models: The name of the model pipeline.
        """
        place = Place(pipeline.account, pipeline.region)
        super().__init__(scope, NAME, env=place.to_cdk())
        keep = pipeline.retention
        key = data_key(self, "Key", description="Infrastructure of Slipway", alias=NAME)
        logs = log_bucket(self, "AccessLogs", days=keep.access_log_days)
        bucket = store_bucket(
            self, "Artifacts", key=key, logs=logs, noncurrent_days=keep.noncurrent_days
        )
        readers = sorted({item.account for item in environments} - {place.account})
        runtimes = needed(pipeline.builders)
        repositories = ImageRepositories(
            self, "Images", runtimes=runtimes, readers=readers
        ).repositories
        shop = Workshop(repositories, images, bucket, key, {}, log_retention(keep.log_days))
        places = [Place(item.account, item.region) for item in environments]
        projects = [
            BuildProject(self, f"Build-{spec.name}", spec=spec, shop=shop).project
            for spec in project_specs(repositories, place, places)
        ]
        notices = Notices(self, "Notices", name=NAME, key=key, emails=pipeline.notify)
        images_made, synth, deploy = projects
        steps = Steps(images_made, synth, deploy, notices.topic)
        target = codepipeline.Pipeline.from_pipeline_arn(
            self, "Models", place.arn("codepipeline", models)
        )
        made = PushPipeline(
            self,
            "Pipeline",
            name=NAME,
            source=Source(pipeline, PathFilter(includes=INFRASTRUCTURE)),
            bucket=bucket,
            mode=codepipeline.ExecutionMode.SUPERSEDED,
            stages=all_stages(steps, environments, own=NAME, tooling=tooling, models=target),
            restart_on_update=True,
        ).pipeline
        notices.of_failures(made)
        output(self, "Pipeline", made.pipeline_name)
        metrics.pipeline_failed(made, NAME).create(self, notices.topics)
