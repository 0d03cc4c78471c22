"""The composition root: the catalog and a release in, CloudFormation templates out.

Context: `-c env=NAME` for one environment without the tooling; `-c release=FILE` for what it serves.
"""

import json
from pathlib import Path

import aws_cdk as cdk

from catalog import load
from catalog.environment import Environment
from catalog.images import image_tag
from catalog.release import ReleaseContext
from stacks.accounts import Place
from stacks.base import BaseStack
from stacks.tooling import ToolingStack

ROOT = Path(__file__).resolve().parent


def compose(app: cdk.App) -> None:
    """Make the stacks that the app's context asks for."""
    only = app.node.try_get_context("env")
    release = _read_release(app.node.try_get_context("release"))
    pipeline = load.load_pipeline()
    environments = [
        load.load_environment(name) for name in ([only] if only else pipeline.environments)
    ]
    tooling = Place(pipeline.account, pipeline.region)
    bases = [_environment(app, item, tooling, release) for item in environments]
    if not only:
        stack = ToolingStack(
            app,
            "slipway-tooling",
            pipeline=pipeline,
            environments=environments,
            models={spec.name: spec.description for spec in load.load_models().values()},
            build_image_tag=image_tag("build", ROOT),
        )
        for base in bases:
            base.add_stack_dependency(stack)


def _environment(
    app: cdk.App, environment: Environment, tooling: Place, release: ReleaseContext | None
) -> BaseStack:
    base = BaseStack(
        app, f"slipway-{environment.name}-base", environment=environment, tooling_place=tooling
    )
    return base


def _read_release(file: str | None) -> ReleaseContext | None:
    if file is None:
        return None
    return ReleaseContext.from_json(json.loads(Path(file).read_text(encoding="utf-8")))


if __name__ == "__main__":
    application = cdk.App(analytics_reporting=False)
    compose(application)
    application.synth()
