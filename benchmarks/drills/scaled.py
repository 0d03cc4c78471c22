"""The stack of the scaling drill: the constructs of the shipped service, small enough to grow here.

What differs from `slipway-ENV-intent` is the load at which a task counts as busy, and that the
network, the bucket and the roles are in the same stack.
"""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3

from catalog import bucket, load
from catalog.images import image_tag
from catalog.sizes import Scaling, ServiceSize
from local.paths import ROOT
from stacks import names
from stacks.accounts import Place
from stacks.notify.construct import Topics
from stacks.outputs import output
from stacks.scaling.throughput import SECONDS_PER_MINUTE
from stacks.service.construct import BalancedService
from stacks.service.hosting import ServiceHosting
from stacks.service.policy import task_role
from stacks.storage.construct import data_key

ENVIRONMENT, SERVICE = "drill", "intent"
STACK, BUCKET = "slipway-drill-intent", "slipway-drill"
NAME, CLUSTER = names.service(ENVIRONMENT, SERVICE), names.cluster(ENVIRONMENT)
SCALING = Scaling(min=1, max=3, out_cooldown_seconds=60, in_cooldown_seconds=120)
BUSY_PER_SECOND = 40.0  # a tenth of what a task bears: three tasks, and who asks, on two cores


def template(sha256: str, folder: Path) -> dict[str, Any]:
    """Return the template.

    Args:
        sha256: The archive that is served; it lies in `BUCKET` by its digest.
        folder: Where CDK may write.
    """
    app = cdk.App(analytics_reporting=False, outdir=str(folder))
    size = ServiceSize(cpu_units=1024, memory_mib=2048, count=1, scaling=SCALING)
    environment = load.load_environment("local").model_copy(
        update={"name": ENVIRONMENT, "services": {SERVICE: size}}
    )
    place = Place(environment.account, environment.region)
    stack = cdk.Stack(
        app,
        STACK,
        env=place.to_cdk(),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    content = s3.Bucket.from_bucket_name(stack, "Bucket", BUCKET)
    repository = ecr.Repository.from_repository_name(stack, "Image", "slipway/intent")
    hosting = ServiceHosting(
        name=NAME,
        cluster=CLUSTER,
        size=size,
        environment=environment,
        place=place,
        image=ecs.ContainerImage.from_ecr_repository(repository, image_tag("intent", ROOT)),
        variables={
            "SLIPWAY_ARTIFACT": content.s3_url_for_object(bucket.content(sha256)),
            "SLIPWAY_ARTIFACT_SHA256": sha256,
            "SLIPWAY_ENDPOINT": NAME,
            # Two cores for all tasks, their balancer and their clients: here a wait is no overload.
            "SLIPWAY_QUEUE_BUDGET_MS": "1000",
        },
        role=task_role(stack, SERVICE, bucket=content, service=NAME),
        vpc=_network(stack, environment.network.zones),
        subnets=ec2.SubnetSelection(subnet_group_name="private"),
        logs=content,
        key=data_key(stack, "Key", description="Drill", alias="slipway/drill"),
        topics=Topics.create(stack, "Notify", environment=environment, place=place),
        busy=BUSY_PER_SECOND * SECONDS_PER_MINUTE,
    )
    made = BalancedService(stack, "Service", hosting=hosting)
    output(stack, "Url", made.balancing.url)
    return dict(app.synth().get_stack_by_name(STACK).template)


def _network(stack: cdk.Stack, zones: Any) -> ec2.Vpc:
    private = ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=list(zones),
        subnet_configuration=[private],
        restrict_default_security_group=False,  # else a Lambda function of CDK's does it
    )
