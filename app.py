"""The composition root: the catalog and a release in, CloudFormation templates out.

Context: `-c env=NAME` for one environment, no tooling; `-c release=FILE` for what is served;
`-c images=FILE` for the digests of images;
`-c catalog=FOLDER` for another folder of environments, such as examples/aws.
"""

import json
import os
from pathlib import Path

import aws_cdk as cdk

from catalog import load
from catalog.images import read_images
from catalog.release import ReleaseContext
from stacks import tooling
from stacks.accounts import Place, answer_zones
from stacks.acknowledge import add_rule_packs
from stacks.environment import environment_stacks
from stacks.infrastructure.stack import InfrastructureStack
from stacks.rules.plugin import validate_with_rules

ROOT = Path(__file__).resolve().parent


def compose(app: cdk.App) -> None:
    """Make the stacks that the app's context asks for."""
    only = app.node.try_get_context("env")
    release = _read_release(app.node.try_get_context("release"))
    folder = ROOT / (app.node.try_get_context("catalog") or "catalog")
    pipeline = load.load_pipeline(folder)
    names = [only] if only else pipeline.environments
    environments = [load.load_environment(name, folder) for name in names]
    images = Place(pipeline.account, pipeline.region)
    answer_zones(app, environments)
    bases = [environment_stacks(app, e, images=images, release=release) for e in environments]
    if only:
        return
    made = read_images(ROOT, app.node.try_get_context("images"))
    InfrastructureStack(
        app,
        pipeline=pipeline,
        environments=environments,
        images=made,
        tooling=tooling.NAME,
        models=tooling.MODELS,
    )
    tools = tooling.ToolingStack(app, pipeline=pipeline, environments=environments, images=made)
    for base in bases:
        base.add_stack_dependency(tools)  # it imports the artifact bucket and the keys


def _read_release(file: str | None) -> ReleaseContext | None:
    if file is None:
        return None
    return ReleaseContext.from_json(json.loads(Path(file).read_text(encoding="utf-8")))


if __name__ == "__main__":
    application = cdk.App(analytics_reporting=False)
    compose(application)
    validate_with_rules(application)
    if os.environ.get("CDK_VALIDATION") != "false":
        add_rule_packs(application)
    application.synth()
