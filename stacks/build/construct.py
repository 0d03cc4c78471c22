"""The build projects: what CodeBuild runs for the model pipeline, each under a role of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks import statements

SPECS = Path(__file__).parent / "specs"


@dataclass(frozen=True)
class BuildSpec:
    """How one project builds.

    Attributes:
        name: The project, `slipway-<name>`.
        spec: The file under `specs/`, without its suffix.
        description: One sentence for the console.
        minutes: The longest a build may run.
        concurrent: How many builds may run at once; more wait.
        compute: The size of the machine.
        environment: Environment variables beside the common ones.
        permissions: What the builds may do.
    """

    name: str
    spec: str
    description: str
    minutes: int
    permissions: list[iam.PolicyStatement]
    concurrent: int = 1
    compute: codebuild.ComputeType = codebuild.ComputeType.SMALL
    environment: Mapping[str, str] = field(default_factory=dict)


class BuildProject(Construct):
    """One CodeBuild project that runs in Slipway's build image.

    Attributes:
        project: The project.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: BuildSpec,
        image: ecr.IRepository,
        image_tag: str,
        key: kms.IKey,
        environment: Mapping[str, str],
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, id_)
        log_group = logs.LogGroup(
            self, "Logs", retention=log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        variables = {**environment, **spec.environment}
        self.project = codebuild.PipelineProject(
            self,
            "Project",
            project_name=f"slipway-{spec.name}",
            description=spec.description,
            build_spec=codebuild.BuildSpec.from_object_to_yaml(_read(spec.spec)),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.from_ecr_repository(image, image_tag),
                compute_type=spec.compute,
            ),
            environment_variables={
                name: codebuild.BuildEnvironmentVariable(value=value)
                for name, value in variables.items()
            },
            encryption_key=key,
            timeout=Duration.minutes(spec.minutes),
            queued_timeout=Duration.hours(8),
            concurrent_build_limit=spec.concurrent,
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log_group)
            ),
        )
        statements.grant(self.project, *spec.permissions)


def _read(name: str) -> dict[str, object]:
    document = yaml.safe_load((SPECS / f"{name}.yml").read_text(encoding="utf-8"))
    return dict(document)
