"""The tooling as data: `catalog/pipeline.yaml`."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from catalog.base import Strict, as_tuple
from catalog.environment import Account, Email, Region, Retention
from catalog.instances import Accelerator
from catalog.spec import Name

Glob = Annotated[str, Field(min_length=1, max_length=255)]


class Builder(Strict):
    """Where artifacts of one accelerator are compiled.

    `compute` is CodeBuild's size. For g5 it must be `small`, the one with an A10G; with
    `where: job` the build runs as a SageMaker Processing job on ml.g5.xlarge, for regions without
    that builder.
    """

    compute: Literal["small", "medium", "large", "x-large", "2x-large"] = "small"
    where: Literal["codebuild", "job"] = "codebuild"
    timeout_minutes: Annotated[int, Field(ge=5, le=480)] = 60
    concurrent: Annotated[int, Field(ge=1, le=20)] = 1


class PathFilter(Strict):
    """Which changed files start the pipeline: globs as CodePipeline reads them, at most eight."""

    includes: Annotated[tuple[Glob, ...], Field(max_length=8)] = ()
    excludes: Annotated[tuple[Glob, ...], Field(max_length=8)] = ()

    _listed = field_validator("includes", "excludes", mode="before")(as_tuple)


class Pipeline(Strict):
    """The tooling: where builds run, what triggers them, and the order of promotion.

    Targets of accelerators that are not among `builders` are declared but not built.
    """

    account: Account
    region: Region
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    branch: str
    connection_arn: Annotated[str, Field(pattern=r"^arn:aws:code(connections|star-connections):")]
    environments: Annotated[tuple[Name, ...], Field(min_length=1)]
    builders: Annotated[dict[Accelerator, Builder], Field(min_length=1)]
    paths: PathFilter = PathFilter()
    notify: tuple[Email, ...] = ()
    retention: Retention

    _listed = field_validator("environments", "notify", mode="before")(as_tuple)
