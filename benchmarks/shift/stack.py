"""The stack of the drill: the same constructs as an Inf1 endpoint, on this machine's CPU."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from catalog import load
from catalog.environment import AlarmLimits, Environment, Rollout
from catalog.images import image_tag
from catalog.sizes import EndpointSize
from local.paths import ROOT
from stacks import names
from stacks.accounts import Place
from stacks.endpoint.construct import ModelEndpoint
from stacks.endpoint.containers import torchserve_all_models
from stacks.endpoint.hosting import Hosting
from stacks.endpoint.policy import endpoint_role
from stacks.notify.construct import Topics
from stacks.shift.before import read_before
from stacks.shift.construct import WeightShift
from stacks.shift.where import BLUE, GREEN
from stacks.storage.construct import data_key

ENVIRONMENT = "drill"
ENDPOINT = "ads"
BUCKET = "slipway-drill"
LIMIT_MS = 800  # far above what a busy machine takes, far below what is slow here


def drilled(rollout: Rollout) -> Environment:
    """Return the drill's environment: two Inf1 machines by name, limits that a drill can break."""
    return load.load_environment("local").model_copy(
        update={
            "name": ENVIRONMENT,
            "endpoints": {ENDPOINT: EndpointSize(instance="ml.inf1.xlarge", count=2)},
            "services": {},
            "rollout": rollout,
            "alarms": AlarmLimits(p99_ms=LIMIT_MS, error_percent=1),
        }
    )


def image(place: Place) -> str:
    """Return the image that serves, as this checkout has it."""
    return place.image(f"slipway/torchserve:{image_tag('torchserve', ROOT)}")


def template(rollout: Rollout, *, arriving: str, folder: Path) -> dict[str, Any]:
    """Return the template of an endpoint that a release arrives at.

    Args:
        rollout: How it takes over.
        arriving: The S3 folder of the release.
        folder: Where CDK may write.
    """
    app = cdk.App(analytics_reporting=False, outdir=str(folder))
    environment = drilled(rollout)
    place = Place(environment.account, environment.region)
    stack = cdk.Stack(
        app,
        "slipway-drill",
        env=place.to_cdk(),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    hosting = _hosting(stack, environment, place)
    endpoint = ModelEndpoint(
        stack,
        "Endpoint",
        hosting=hosting,
        containers={
            BLUE: torchserve_all_models(*read_before(stack, ENVIRONMENT, ENDPOINT)),
            GREEN: torchserve_all_models(image(place), arriving),
        },
        idle=GREEN,
    )
    WeightShift(
        stack,
        "Shift",
        name=names.shift(ENVIRONMENT, ENDPOINT),
        hosting=hosting,
        guards=endpoint.guards[GREEN],
    )
    return dict(app.synth().get_stack_by_name("slipway-drill").template)


def _hosting(stack: cdk.Stack, environment: Environment, place: Place) -> Hosting:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", BUCKET)
    private = ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=list(environment.network.zones),
        subnet_configuration=[private],
        restrict_default_security_group=False,  # else a Lambda function of CDK's does it
    )
    return Hosting(
        name=names.endpoint(ENVIRONMENT, ENDPOINT),
        size=environment.endpoints["ads"],
        environment=environment,
        place=place,
        role=endpoint_role(
            stack,
            ENDPOINT,
            bucket=bucket,
            environment=ENVIRONMENT,
            place=place,
            images=place,
            accelerator="cpu",  # what really serves in the drill
        ),
        vpc=vpc,
        subnets=ec2.SubnetSelection(subnet_group_name="private"),
        bucket=bucket,
        key=data_key(stack, "Key", description="Drill", alias="slipway/drill"),
        topics=Topics.create(stack, "Notify", environment=environment, place=place),
        multi_model=False,
    )
