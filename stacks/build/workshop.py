"""All build projects of the model pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Environment
from catalog.images import BUILT_IN
from catalog.instances import Accelerator
from catalog.pipeline import Builder, Pipeline
from stacks.accounts import Place
from stacks.build import policy
from stacks.build.compilers import compile_spec
from stacks.build.construct import BuildProject, BuildSpec, Workshop
from stacks.build.images import images_spec
from stacks.build.job import CompileJob
from stacks.build.projects import build_specs


@dataclass(frozen=True)
class Projects:
    """The projects.

    Attributes:
        steps: Those of the pipeline's own steps, by name.
        compilers: Those that compile, by accelerator.
    """

    steps: dict[str, codebuild.IProject]
    compilers: dict[str, codebuild.IProject]

    @property
    def all(self) -> dict[str, codebuild.IProject]:
        """Return every project by its name, less `slipway-`."""
        return self.steps | {f"compile-{name}": made for name, made in self.compilers.items()}


def build_projects(
    scope: Construct,
    shop: Workshop,
    *,
    pipeline: Pipeline,
    environments: Sequence[Environment],
    store: s3.IBucket,
    sign: kms.IKey,
) -> Projects:
    """Make the projects.

    Args:
        scope: The tooling's stack.
        shop: What they have in common.
        pipeline: Which accelerators are built for, and where.
        environments: Where releases are deployed to.
        store: The artifact bucket.
        sign: The signing key.
    """
    permissions = policy.compile_models(store, sign)
    place = Place(pipeline.account, pipeline.region)

    def project(spec: BuildSpec) -> codebuild.IProject:
        return BuildProject(scope, f"Build-{spec.name}", spec=spec, shop=shop).project

    def compiler(accelerator: Accelerator, builder: Builder) -> BuildSpec:
        job = None
        if builder.where == "job":
            job = _job(scope, shop, accelerator, builder, place, store, permissions)
        return compile_spec(accelerator, builder, permissions, job)

    specs = [
        images_spec("images", shop.repositories, place),
        *build_specs(store, sign, environments),
    ]
    return Projects(
        steps={spec.name: project(spec) for spec in specs},
        compilers={
            accelerator: project(compiler(accelerator, builder))
            for accelerator, builder in pipeline.builders.items()
        },
    )


def _job(
    scope: Construct,
    shop: Workshop,
    accelerator: Accelerator,
    builder: Builder,
    place: Place,
    store: s3.IBucket,
    permissions: list[iam.PolicyStatement],
) -> CompileJob:
    image = BUILT_IN[accelerator]
    return CompileJob(
        scope,
        f"Job-{accelerator}",
        accelerator=accelerator,
        image=shop.repositories[image],
        reference=shop.images.reference(image),
        store=store,
        place=place,
        compile_permissions=permissions,
        minutes=builder.timeout_minutes,
    )
