"""The stack `slipway-tooling`: where models are built, signed, registered and sent on their way."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from catalog.environment import Environment
from catalog.images import Images, needed
from catalog.pipeline import Pipeline
from stacks import links, names
from stacks.accounts import Place
from stacks.build.construct import Workshop
from stacks.build.workshop import Projects, build_projects
from stacks.monitoring.crossing import turned_back_by
from stacks.names import PROMOTION_STEPS
from stacks.names import function as function_name
from stacks.outputs import output
from stacks.pipeline import metrics, stages
from stacks.pipeline.construct import PushPipeline
from stacks.pipeline.health import may_see_alarms
from stacks.pipeline.notices import Notices
from stacks.pipeline.promotion import Promotion
from stacks.pipeline.source import Source, models_filter
from stacks.promotion.crossing import answered_by, pipeline_role
from stacks.registry.construct import ModelRegistry
from stacks.retention import log_retention
from stacks.shift.where import shift_machine, shifted_endpoints
from stacks.storage.construct import data_key, log_bucket, signing_key, store_bucket

NAME = "slipway-tooling"
MODELS = names.MODEL_PIPELINE


class ToolingStack(cdk.Stack):
    """Keys, artifact bucket, registry, builds and the model pipeline."""

    def __init__(
        self,
        scope: Construct,
        *,
        pipeline: Pipeline,
        environments: Sequence[Environment],
        images: Images,
    ) -> None:
        """Wire the tooling.

        Args:
            scope: The app.
            pipeline: Repository, branch, builders, retention.
            environments: Those promoted into, in order.
            images: The images that builds run in.
        """
        self._place = Place(pipeline.account, pipeline.region)
        super().__init__(scope, NAME, env=self._place.to_cdk())
        keep = pipeline.retention
        key = data_key(
            self, "DataKey", description="Artifacts of Slipway", alias=links.ARTIFACT_KEY
        )
        sign = signing_key(
            self, "SigningKey", description="Signs manifests and releases", alias=links.SIGNING_KEY
        )
        logs = log_bucket(self, "AccessLogs", days=keep.access_log_days)
        others = links.elsewhere(self._place, environments)
        store = store_bucket(
            self,
            "Artifacts",
            key=key,
            logs=logs,
            noncurrent_days=keep.noncurrent_days,
            name=links.artifact_bucket_name(self._place) if others else None,
        )
        passing = store_bucket(
            self, "PipelineArtifacts", key=key, logs=logs, noncurrent_days=keep.noncurrent_days
        )
        links.export_tooling(self, store=store, key=key, sign=sign)
        links.admit_environments(others, store=store, key=key, sign=sign)
        answered_by(self, others)
        turned_back_by(self, others, self._place)
        variables = {
            "SLIPWAY_ARTIFACT_BUCKET": store.bucket_name,
            "SLIPWAY_SIGNING_KEY": sign.key_arn,
        }
        retention = log_retention(keep.log_days)
        registry = ModelRegistry(
            self,
            "Registry",
            store=store,
            signing_key=sign,
            place=self._place,
            environment=variables,
            log_retention=retention,
            key=key,
        )
        projects = build_projects(
            self,
            Workshop(self._repositories(pipeline), images, passing, key, variables, retention),
            pipeline=pipeline,
            environments=environments,
            store=store,
            sign=sign,
        )
        notices = Notices(self, "Notices", name=MODELS, key=key, emails=pipeline.notify)
        made = PushPipeline(
            self,
            "Pipeline",
            name=MODELS,
            source=Source(pipeline, models_filter(pipeline)),
            bucket=passing,
            # A push waits for the one before it: two releases never meet in an environment.
            mode=codepipeline.ExecutionMode.QUEUED,
            stages=[
                stages.plan(projects.steps["plan"], projects.steps["images"]),
                stages.compile_all(projects.compilers),
                stages.register(projects.steps["release"], registry.register.function),
                *(
                    stage
                    for before, target in zip([None, *environments], environments, strict=False)
                    for stage in self._promotion(
                        before, target, projects, pipeline, notices.topic
                    ).stages()
                ),
            ],
            lambdas=[
                registry.register.function.function_arn,
                *(self._lambda(item, step) for item in environments for step in PROMOTION_STEPS),
            ],
        ).pipeline
        may_see_alarms(made, environments, self._place)
        notices.of_failures(made)
        output(self, "Pipeline", made.pipeline_name)
        metrics.pipeline_failed(made, MODELS).create(self, notices.topics)
        for name, project in projects.all.items():
            metrics.builds_failed(name, project).create(self, notices.topics)

    def _repositories(self, pipeline: Pipeline) -> dict[str, ecr.IRepository]:
        # By name: the infrastructure's stack has them, for images are built before this stack.
        return {
            runtime: ecr.Repository.from_repository_name(
                self, f"Repository-{runtime}", f"slipway/{runtime}"
            )
            for runtime in needed(pipeline.builders)
        }

    def _promotion(
        self,
        before: Environment | None,
        target: Environment,
        projects: Projects,
        pipeline: Pipeline,
        notices: sns.ITopic,
    ) -> Promotion:
        promote, verify, point = (self._step(target, step) for step in PROMOTION_STEPS)
        return Promotion(
            environment=target,
            before=before,
            promote=promote,
            verify=verify,
            point=point,
            role=self._role(target),
            deploy=projects.steps["deploy"],
            shifts=self._shifts(target),
            load_test=projects.steps.get("load-test"),
            prove=projects.steps.get("prove"),
            repository=pipeline.repository,
            notices=notices,
        )

    def _step(self, target: Environment, step: str) -> lambda_.IFunction:
        # By name: the environment's base stack, which makes it, already depends on this one.
        arn = self._lambda(target, step)
        return lambda_.Function.from_function_arn(self, f"{target.name}-{step}", arn)

    def _shifts(self, target: Environment) -> dict[str, sfn.IStateMachine]:
        return {
            endpoint: sfn.StateMachine.from_state_machine_arn(
                self, f"{target.name}-{endpoint}-shift", shift_machine(target, endpoint)
            )
            for endpoint in shifted_endpoints(target)
        }

    def _lambda(self, target: Environment, step: str) -> str:
        place = Place(target.account, target.region)
        return place.arn("lambda", f"function:{function_name(target.name, step)}")

    def _role(self, target: Environment) -> iam.IRole | None:
        return pipeline_role(self, target) if links.elsewhere(self._place, [target]) else None
