"""The build projects: what CodeBuild runs for the pipelines, each under a role of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.images import Images
from stacks import statements
from stacks.build.machine import Machine
from stacks.pipeline import findings
from stacks.retention import log_group

SPECS = Path(__file__).parent / "specs"
GATES = "gates"  # the report in a buildspec, and how its group's name begins


@dataclass(frozen=True)
class BuildSpec:
    """How one project builds.

    Attributes:
        name: The project, `slipway-<name>`.
        spec: The file under `specs/`, without its suffix.
        description: One sentence for the console.
        minutes: The longest a build may run.
        permissions: What the builds may do.
        machine: What they run on.
        concurrent: How many builds may run at once; more wait.
        environment: Environment variables beside the common ones.
        reports: Whether the builds report gates, a test case each.
    """

    name: str
    spec: str
    description: str
    minutes: int
    permissions: list[iam.PolicyStatement]
    machine: Machine = Machine()  # noqa: RUF009 (frozen)
    concurrent: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    reports: bool = False


@dataclass(frozen=True)
class Workshop:
    """What all projects of a stack have in common.

    Attributes:
        repositories: The image repositories by runtime.
        images: Which image of each repository.
        bucket: Through which pipelines hand artifacts to builds.
        key: Encrypts what builds hand on.
        environment: Environment variables of every build.
        log_retention: How long logs are kept.
    """

    repositories: Mapping[str, ecr.IRepository]
    images: Images
    bucket: s3.IBucket
    key: kms.IKey
    environment: Mapping[str, str]
    log_retention: logs.RetentionDays


class BuildProject(Construct):
    """One CodeBuild project.

    Attributes:
        project: The project.
    """

    def __init__(self, scope: Construct, id_: str, *, spec: BuildSpec, shop: Workshop) -> None:
        super().__init__(scope, id_)
        written = log_group(self, "Logs", retention=shop.log_retention, key=shop.key)
        document = _read(spec.spec)
        variables = {**shop.environment, **spec.environment}
        self.project = codebuild.PipelineProject(
            self,
            "Project",
            project_name=f"slipway-{spec.name}",
            description=spec.description,
            build_spec=codebuild.BuildSpec.from_object_to_yaml(document),
            environment=codebuild.BuildEnvironment(
                build_image=_image(spec.machine, shop),
                compute_type=spec.machine.compute,
                privileged=spec.machine.docker,
            ),
            environment_variables={
                name: codebuild.BuildEnvironmentVariable(value=value)
                for name, value in variables.items()
            },
            encryption_key=shop.key,
            timeout=Duration.minutes(spec.minutes),
            queued_timeout=Duration.hours(8),
            concurrent_build_limit=spec.concurrent,
            badge=False,
            cache=_cache(document),
            grant_report_group_permissions=False,  # of names that nobody declared
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=written)
            ),
        )
        if spec.machine.gpu:
            self._name_by_digest(spec.machine, shop)
        if spec.reports:
            self._report(spec.name)
        statements.grant(self.project, *spec.permissions)
        findings.of_project(self.project, shop.bucket, own_image=spec.machine.image is not None)

    def _name_by_digest(self, machine: Machine, shop: Workshop) -> None:
        """Name a GPU project's image as the others': CDK would write `repository:sha256:...`."""
        assert machine.image is not None
        uri = shop.repositories[machine.image].repository_uri_for_tag_or_digest(
            shop.images.reference(machine.image)
        )
        resource = self.project.node.default_child
        assert isinstance(resource, codebuild.CfnProject)
        resource.add_property_override("Environment.Image", uri)

    def _report(self, name: str) -> None:
        # A buildspec's report `gates` of project P goes to the group `P-gates`.
        group = codebuild.ReportGroup(
            self,
            "Reports",
            report_group_name=f"slipway-{name}-{GATES}",
            type=codebuild.ReportGroupType.TEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        group.grant_write(self.project)


def _image(machine: Machine, shop: Workshop) -> codebuild.IBuildImage:
    if machine.image is None:
        return codebuild.LinuxBuildImage.STANDARD_7_0
    repository = shop.repositories[machine.image]
    if machine.gpu:
        return codebuild.LinuxGpuBuildImage.from_ecr_repository(repository)
    return codebuild.LinuxBuildImage.from_ecr_repository(
        repository, shop.images.reference(machine.image)
    )


def _cache(document: Mapping[str, Any]) -> codebuild.Cache:
    """Return the host's own cache: of image layers, and of the paths that are named."""
    if "cache" not in document:
        return codebuild.Cache.none()
    return codebuild.Cache.local(
        codebuild.LocalCacheMode.CUSTOM, codebuild.LocalCacheMode.DOCKER_LAYER
    )


def _read(name: str) -> dict[str, object]:
    document = yaml.safe_load((SPECS / f"{name}.yml").read_text(encoding="utf-8"))
    return dict(document)
