"""The stack `slipway-tooling`: where models are built, signed, registered and sent on their way."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from catalog.environment import Environment
from catalog.pipeline import Pipeline
from stacks import links, names
from stacks.accounts import Place
from stacks.build.construct import BuildProject
from stacks.build.projects import build_specs
from stacks.images.construct import ImageRepositories
from stacks.outputs import output
from stacks.pipeline import metrics, stages
from stacks.pipeline.construct import ModelPipeline
from stacks.promotion.crossing import answered_by
from stacks.registry.construct import ModelRegistry
from stacks.retention import log_retention
from stacks.storage.construct import data_key, log_bucket, signing_key, store_bucket

RUNTIMES = ("triton", "torchserve", "intent", "build")


class ToolingStack(cdk.Stack):
    """Keys, artifact bucket, image repositories, registry, builds and the model pipeline."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        pipeline: Pipeline,
        environments: Sequence[Environment],
        models: Mapping[str, str],
        build_image_tag: str,
    ) -> None:
        """Wire the tooling.

        Args:
            scope: The app.
            id_: The stack's name.
            pipeline: Repository, branch, retention.
            environments: Those promoted into, in order.
            models: What each model is for, by name.
            build_image_tag: The tag of the image that builds run in.
        """
        place = Place(pipeline.account, pipeline.region)
        super().__init__(scope, id_, env=place.to_cdk())
        retention = log_retention(pipeline.retention.log_days)
        noncurrent = pipeline.retention.noncurrent_days
        key = data_key(
            self, "DataKey", description="Artifacts of Slipway", alias=links.ARTIFACT_KEY
        )
        sign = signing_key(
            self, "SigningKey", description="Signs manifests and releases", alias=links.SIGNING_KEY
        )
        logs = log_bucket(self, "AccessLogs", days=pipeline.retention.access_log_days)
        others = links.elsewhere(place, environments)
        store = store_bucket(
            self,
            "Artifacts",
            key=key,
            logs=logs,
            noncurrent_days=noncurrent,
            name=links.artifact_bucket_name(place) if others else None,
        )
        passing = store_bucket(
            self, "PipelineArtifacts", key=key, logs=logs, noncurrent_days=noncurrent
        )
        links.export_tooling(self, store=store, key=key, sign=sign)
        links.admit_environments(others, store=store, key=key, sign=sign)
        answered_by(self, others)
        images = ImageRepositories(self, "Images", runtimes=RUNTIMES)
        variables = {
            "SLIPWAY_ARTIFACT_BUCKET": store.bucket_name,
            "SLIPWAY_SIGNING_KEY": sign.key_arn,
        }
        registry = ModelRegistry(
            self,
            "Registry",
            models=models,
            store=store,
            signing_key=sign,
            place=place,
            environment=variables,
            log_retention=retention,
            key=key,
        )
        projects = {
            spec.name: BuildProject(
                self,
                f"Build-{spec.name}",
                spec=spec,
                image=images.repositories["build"],
                image_tag=build_image_tag,
                key=key,
                environment=variables,
                log_retention=retention,
            ).project
            for spec in build_specs(store, sign, pipeline, environments)
        }
        models_pipeline = ModelPipeline(
            self,
            "Pipeline",
            source=pipeline,
            bucket=passing,
            stage_props=[
                stages.plan(projects["plan"]),
                stages.build({"cpu": projects["compile-cpu"]}),
                stages.register(projects["release"], registry.register.function),
                *(self._deploy(target, projects["deploy"]) for target in environments),
            ],
        )
        output(self, "Pipeline", models_pipeline.pipeline.pipeline_name)
        metrics.pipeline_failed(models_pipeline.pipeline).create(self)
        for name, project in projects.items():
            metrics.builds_failed(name, project).create(self)

    def _deploy(self, target: Environment, project: codebuild.IProject) -> codepipeline.StageProps:
        promote, verify, point = (self._step(target, step) for step in names.PROMOTION_STEPS)
        promotion = stages.Promotion(target.name, target.approval, promote, verify, point)
        return stages.deploy(promotion, project)

    def _step(self, target: Environment, step: str) -> lambda_.IFunction:
        # By name: the environment's base stack, which makes it, already depends on this one.
        place = Place(target.account, target.region)
        arn = place.arn("lambda", f"function:{names.function(target.name, step)}")
        return lambda_.Function.from_function_arn(self, f"{target.name}-{step}", arn)
