"""The build projects of the model pipeline, as data; `compilers` has those that compile."""

from collections.abc import Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from catalog.environment import Environment
from stacks import names
from stacks.accounts import Place
from stacks.build import policy
from stacks.build.construct import BuildSpec
from stacks.build.machine import Machine
from stacks.pipeline.chips import proving


def build_specs(
    store: s3.IBucket, key: kms.IKey, environments: Sequence[Environment]
) -> list[BuildSpec]:
    """Return what each project runs, on what machine, for how long, with which permissions."""
    places = {item.name: Place(item.account, item.region) for item in environments}
    pointers = [
        place.arn("ssm", "parameter" + names.pointer(name, "release"))
        for name, place in places.items()
    ]
    tested = {item.name: places[item.name] for item in environments if item.load_test}
    specs = [
        BuildSpec(
            name="plan",
            spec="plan",
            description="Finds the (model, target) pairs without an artifact for their key.",
            minutes=10,
            permissions=policy.plan(store, key),
        ),
        BuildSpec(
            name="release",
            spec="release",
            description="Signs the release: which artifacts each model is.",
            minutes=10,
            permissions=policy.release(store, key, pointers),
        ),
        BuildSpec(
            name="deploy",
            spec="deploy",
            description="Deploys a release's stacks into one environment.",
            minutes=60,
            machine=Machine("medium"),
            permissions=policy.deploy(store, key, sorted(set(places.values()))),
        ),
    ]
    if tested:
        specs.append(
            BuildSpec(
                name="load-test",
                spec="load-test",
                description="Loads an environment's endpoints as its data asks, within limits.",
                minutes=30,
                machine=Machine("medium"),
                permissions=policy.load_test(store, key, tested),
            )
        )
    chips = {item.name: places[item.name] for item in proving(environments)}
    if chips:
        specs.append(
            BuildSpec(
                name="prove",
                spec="prove",
                description="Asks chips what builds without one had to leave open, and signs it.",
                minutes=60,
                machine=Machine("medium"),
                permissions=policy.prove(store, key, chips),
            )
        )
    return specs
