"""The duplicates stack of an environment with any size, of a release that has the model."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from catalog import load
from catalog.artifact import Manifest
from catalog.instances import instance
from catalog.sizes import BatchSize
from stacks.accounts import Place
from stacks.base import BaseStack
from stacks.delivery import Delivery
from stacks.duplicates import DuplicatesStack
from tests.stacks.conftest import Template, context
from tests.stacks.release import TAG, manifest_of, release_of

AMI = "ami-0123456789abcdef0"


def manifest_for(instance_type: str) -> Manifest:
    """Return a manifest of duplicates that fits an instance type."""
    machine = instance(instance_type)
    (spec,) = [spec for spec in load.load_models().values() if spec.name == "duplicates"]
    return dataclasses.replace(
        manifest_of(spec),
        accelerator=machine.accelerator,
        architecture=machine.architecture,
        runtime_image=f"slipway/batch:{TAG}",
        serve={"kind": "batch", "name": "duplicates"},
    )


def duplicates_template(folder: Path, size: dict[str, Any]) -> Template:
    """Synthesise the stack of `dev` with a batch of another size."""
    batch = {"duplicates": BatchSize.model_validate(size)}
    environment = load.load_environment("dev").model_copy(update={"batch": batch})
    app = cdk.App(analytics_reporting=False, outdir=str(folder), context=context())
    images = Place(environment.account, environment.region)
    release = release_of(manifest_for(size["instance"]))
    base = BaseStack(app, "slipway-dev-base", environment=environment, images=images)
    delivery = Delivery(environment, release, base, images)
    stack = DuplicatesStack(app, "slipway-dev-duplicates", delivery=delivery)
    made = app.synth().get_stack_by_name(stack.stack_name)
    return Template(json.loads(Path(made.template_full_path).read_text()))
