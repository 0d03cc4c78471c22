"""The stacks of services and batch jobs of any size, each of a release that fits it."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from catalog import load
from catalog.artifact import Manifest, Measurement
from catalog.environment import Environment
from catalog.instances import instance
from catalog.sizes import BatchSize, ServiceSize
from stacks.accounts import Place
from stacks.base import BaseStack
from stacks.delivery import Delivery
from stacks.duplicates import DuplicatesStack
from stacks.intent import IntentStack
from tests.stacks.conftest import Template, context
from tests.stacks.release import TAG, manifest_of, release_of

AMI = "ami-0123456789abcdef0"
THROUGHPUT = 100.0  # of one worker, a second


def batch_manifest(instance_type: str) -> Manifest:
    """Return a manifest of duplicates that fits an instance type."""
    return _manifest("duplicates", instance_type, "batch", {"kind": "batch", "name": "duplicates"})


def service_manifest(instance_type: str) -> Manifest:
    """Return a manifest of intent that fits an instance type, with its throughput."""
    made = _manifest("intent", instance_type, "intent", {"kind": "service", "name": "intent"})
    measured = (Measurement("throughput", THROUGHPUT, samples=1000),)
    return dataclasses.replace(
        made, evidence=dataclasses.replace(made.evidence, measurements=measured)
    )


def duplicates_template(folder: Path, size: dict[str, Any]) -> Template:
    """Synthesise the duplicates stack of `dev` with a job of another size."""
    batch = {"duplicates": BatchSize.model_validate(size)}
    environment = load.load_environment("dev").model_copy(update={"batch": batch})
    app = _app(folder)
    delivery = _delivery(app, environment, batch_manifest(size["instance"]))
    return _template(app, DuplicatesStack(app, "slipway-dev-duplicates", delivery=delivery))


def batch_role(template: Template) -> dict[str, list[str]]:
    """Return the role of `duplicates` in a base: the ARN for `Template.statements_of`."""
    (role,) = [
        item
        for item in template.of_type("AWS::IAM::Role")
        if item.logical_id.startswith("BatchRole")
    ]
    return {"Fn::GetAtt": [role.logical_id, "Arn"]}


def base_of(folder: Path) -> Template:
    """Return the base beside a stack that was synthesised into a folder."""
    return Template(json.loads((folder / "slipway-dev-base.template.json").read_text()))


def intent_template(folder: Path, size: dict[str, Any]) -> Template:
    """Synthesise the intent stack of `dev` with a service of another size."""
    services = {"intent": ServiceSize.model_validate(size)}
    environment = load.load_environment("dev").model_copy(update={"services": services})
    app = _app(folder)
    manifest = service_manifest(size.get("instance", "ml.c7i.xlarge"))
    delivery = _delivery(app, environment, manifest)
    return _template(app, IntentStack(app, "slipway-dev-intent", delivery=delivery))


def _manifest(model: str, instance_type: str, runtime: str, serve: dict[str, str]) -> Manifest:
    machine = instance(instance_type)
    (spec,) = [spec for spec in load.load_models().values() if spec.name == model]
    return dataclasses.replace(
        manifest_of(spec),
        accelerator=machine.accelerator,
        architecture=machine.architecture,
        runtime_image=f"slipway/{runtime}:{TAG}",
        serve=serve,
    )


def _app(folder: Path) -> cdk.App:
    return cdk.App(analytics_reporting=False, outdir=str(folder), context=context())


def _delivery(app: cdk.App, environment: Environment, manifest: Manifest) -> Delivery:
    images = Place(environment.account, environment.region)
    base = BaseStack(app, "slipway-dev-base", environment=environment, images=images)
    return Delivery(environment, release_of(manifest), base, images)


def _template(app: cdk.App, stack: cdk.Stack) -> Template:
    made = app.synth().get_stack_by_name(stack.stack_name)
    return Template(json.loads(Path(made.template_full_path).read_text()))
